"""The script `barback`. It is outside the package so that Ctrl-C is silent during all imports."""

from __future__ import annotations

import sys
from typing import Final

INTERRUPTED: Final = 130  # as in barback._cli.exit_codes, which is not imported yet


def main() -> None:
    """Run the command line."""
    try:
        from barback._cli.app import cli  # noqa: PLC0415 - the imports take most of the time

        cli(prog_name="barback")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
