"""Run the command line with `python -m barback`."""

from barback._cli.app import cli

cli(prog_name="barback")
