"""Prints what the simulation found."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from rich.markup import escape
from rich.progress import track
from rich.table import Table

from infra.simulation.checker import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console

    from infra.simulation.saboteurs.hunt import Hunt
    from infra.simulation.saboteurs.saboteur import Saboteur
    from infra.simulation.simulate import Finding, Summary

DAY: Final = 86_400  # seconds
MAX_LINES: Final = 60  # of a history


class Stopwatch:
    """The real seconds since it was made."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()

    @property
    def seconds(self) -> float:
        """The seconds so far."""
        return self._clock() - self._started


def print_summary(console: Console, summary: Summary, seed: int, seconds: float) -> None:
    """Print the tables of a run, and the shortest history for each rule that was violated."""
    tasks = Table("Tasks", "")
    tasks.add_row("submitted", f"{summary.submitted:,}")
    tasks.add_row("accepted", f"{summary.accepted:,}")
    for outcome, count in sorted(summary.outcomes.items(), key=lambda pair: -pair[1]):
        tasks.add_row(f"  {outcome.lower() or 'not final'}", f"{count:,}")
    tasks.add_row("events", f"{summary.events:,}")
    tasks.add_row("virtual time", f"{summary.virtual_seconds / DAY:,.0f} days")
    tasks.add_row("real time", f"{seconds:.0f} s")
    tasks.add_row("rounds, seed", f"{summary.rounds}, {seed}")
    tasks.add_row("violations", f"{summary.violations:,}")
    faults = Table("Faults", "")
    for kind, count in sorted(summary.faults.items()):
        faults.add_row(kind, f"{count:,}")
    console.print(tasks)
    console.print(faults)
    for finding in summary.findings.values():
        _print_finding(console, finding, seed)


def _print_finding(console: Console, finding: Finding, seed: int) -> None:
    console.rule(f"{finding.rule}: {finding.count} violations", style="red")
    console.print(escape(RULES[finding.rule].__doc__ or ""))
    console.print(escape(f"The shortest one: task {finding.task_id or '-'}: {finding.text}"))
    for line in finding.history[:MAX_LINES]:
        console.print(escape(f"  {line}"), soft_wrap=True)
    if len(finding.history) > MAX_LINES:
        console.print(f"  … and {len(finding.history) - MAX_LINES} more lines")
    command = f"make simulate TASKS={finding.tasks} SEED={seed} ROUND={finding.round}"
    console.print(f"To replay it: {command}")


def print_hunts(console: Console, hunts: Iterable[Hunt], saboteurs: tuple[Saboteur, ...]) -> bool:
    """Print how each saboteur was caught; return whether all were."""
    table = Table("Saboteur", "Caught by", "After tasks", "Because")
    survivors = 0
    for hunt in track(hunts, "Hunting", len(saboteurs), console=console, transient=True):
        saboteur = saboteurs[hunt.saboteur]
        survivors += hunt.text is None
        caught = f"{hunt.tasks:,}" if hunt.text is not None else "[red]survived[/red]"
        because = escape((hunt.text or "")[:60])
        table.add_row(saboteur.name, saboteur.rule, caught, because)
    console.print(table)
    console.print(f"{len(saboteurs)} saboteurs, {survivors} survived")
    return survivors == 0
