"""The command line: `python -m infra.chaos`, with TASKS and SEED in the environment or as options.

The child processes import this module, too; so it imports the rest only when it runs.
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
    """Put tasks through the local stack while it is under fire; 0 if all came through."""
    from rich.console import Console  # noqa: PLC0415

    from infra.chaos.report import print_outcome  # noqa: PLC0415
    from infra.chaos.run import run_chaos  # noqa: PLC0415

    logging.basicConfig(level=logging.ERROR)
    _, log = mkstemp(prefix="barback-chaos-", suffix=".log")
    try:
        outcome = run_chaos(tasks, seed, log)
    except KeyboardInterrupt:
        Path(log).unlink()
        raise
    print_outcome(Console(), outcome)
    if not outcome.judgement.is_clean:
        typer.echo(f"What the processes logged is in {log}.", err=True)
        raise typer.Exit(1)
    Path(log).unlink()


if __name__ == "__main__":
    typer.run(main)
