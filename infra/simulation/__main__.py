"""The command line: `python -m infra.simulation`, with TASKS, SEED and ROUND as variables."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from infra.simulation.report import Stopwatch, print_hunts, print_summary
from infra.simulation.saboteurs.catalogue import SABOTEURS
from infra.simulation.saboteurs.hunt import hunt_all
from infra.simulation.simulate import ROUND_TASKS, Summary, simulate, simulate_round

app = typer.Typer(add_completion=False)
Seed = Annotated[int, typer.Option(envvar="SEED")]


@app.command("simulate")
def simulate_command(
    tasks: Annotated[int, typer.Option(min=1, envvar="TASKS")] = 20_000,
    seed: Seed = 1,
    only: Annotated[int | None, typer.Option("--round", min=0, envvar="ROUND")] = None,
) -> None:
    """Run tasks through the real code under simulated faults; exit with 1 on a violation."""
    console = Console()
    stopwatch = Stopwatch()
    summary = Summary()
    if only is not None:
        summary.add(simulate_round(seed, only, tasks))
    else:
        rounds = -(-tasks // ROUND_TASKS)
        found = simulate(tasks, seed)
        for part in track(found, "Simulating", rounds, console=console, transient=True):
            summary.add(part)
    print_summary(console, summary, seed, stopwatch.seconds)
    if summary.findings:
        raise typer.Exit(1)


@app.command("saboteurs")
def saboteurs_command(seed: Seed = 1) -> None:
    """Break one piece after the other; exit with 1 if the checker does not catch it."""
    if not print_hunts(Console(), hunt_all(seed), SABOTEURS):
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
