"""Run the command line with `python -m barback`."""

from _barback_script import main

main()
