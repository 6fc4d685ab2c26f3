"""The command line: `python -m infra.chaos`, with TASKS and SEED as variables or as options.

Each child process imports this module as well, so it imports the other modules only when it runs.
"""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated

import typer


def main(
    tasks: Annotated[int, typer.Option(min=1, max=20_000, envvar="TASKS")] = 2000,
    seed: Annotated[int, typer.Option(envvar="SEED")] = 1,
) -> None:
    """Run a workload on the local stack while faults are injected; exit with 1 on a violation."""
    from rich.console import Console  # noqa: PLC0415

    from infra.chaos.report import print_report  # noqa: PLC0415
    from infra.chaos.run import run_chaos  # noqa: PLC0415

    logging.basicConfig(level=logging.ERROR)
    _, log = mkstemp(prefix="barback-chaos-", suffix=".log")
    try:
        run = run_chaos(tasks, seed, log)
    except KeyboardInterrupt:
        Path(log).unlink()
        raise
    print_report(Console(), run)
    if not run.findings.is_clean:
        typer.echo(f"The log of the processes is in {log}.", err=True)
        raise typer.Exit(1)
    Path(log).unlink()


if __name__ == "__main__":
    typer.run(main)
