"""The command line: `python -m infra.chaos`, with TASKS, SEED and STACK as variables or as options.

Each child process imports this module as well, so it imports the other modules only when it runs.
"""

from __future__ import annotations

import logging
from enum import StrEnum
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.chaos.run import OpenTarget


class Stack(StrEnum):
    """The stacks that can be tested."""

    LOCAL = "local"
    EMULATED = "emulated"


def main(
    tasks: Annotated[int, typer.Option(min=1, max=20_000, envvar="TASKS")] = 2000,
    seed: Annotated[int, typer.Option(envvar="SEED")] = 1,
    stack: Annotated[
        Stack | None, typer.Option(envvar="STACK", help="The stack; by default both.")
    ] = None,
) -> None:
    """Run a workload while faults are injected; exit with 1 on a violation."""
    logging.basicConfig(level=logging.ERROR)
    clean = [run_on(chosen, tasks, seed) for chosen in ([stack] if stack else Stack)]
    raise typer.Exit(0 if all(clean) else 1)


def run_on(stack: Stack, tasks: int, seed: int) -> bool:
    """Test one stack, print the report, and return whether there was no violation."""
    from rich.console import Console  # noqa: PLC0415

    from infra.chaos.report import print_report  # noqa: PLC0415
    from infra.chaos.run import run_chaos  # noqa: PLC0415

    _, log = mkstemp(prefix="barback-chaos-", suffix=".log")
    try:
        run = run_chaos(_target(stack), tasks, seed, log)
    except KeyboardInterrupt:
        Path(log).unlink()
        raise
    print_report(Console(), stack, run)
    if not run.findings.is_clean:
        typer.echo(f"The log of the processes is in {log}.", err=True)
        return False
    Path(log).unlink()
    return True


def _target(stack: Stack) -> OpenTarget:
    if stack is Stack.LOCAL:
        from infra.chaos.local.cluster import local_target  # noqa: PLC0415

        return local_target
    from infra.chaos.emulated.cluster import emulated_target  # noqa: PLC0415

    return emulated_target


if __name__ == "__main__":
    typer.run(main)
