"""Prints what came of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from tasks.model import Status

if TYPE_CHECKING:
    from rich.console import Console

    from infra.chaos.run import Outcome

SHOWN: Final = 10  # lines about each kind of fault


def print_outcome(console: Console, outcome: Outcome) -> None:
    """Print the table of tasks, the table of what was done to the stack, and what is wrong."""
    judgement = outcome.judgement
    tasks = Table("Tasks", "")
    tasks.add_row("submitted", str(judgement.submitted))
    tasks.add_row("succeeded", str(judgement.endings[Status.SUCCESS]))
    tasks.add_row("cancelled", str(judgement.endings[Status.CANCELLED]))
    for ending in sorted(judgement.endings.keys() - {Status.SUCCESS, Status.CANCELLED}):
        tasks.add_row(f"failed: {ending}", str(judgement.endings[ending]))
    found = {
        "lost": judgement.lost,
        "answered twice": judgement.twice,
        "wrong": judgement.wrong,
    }
    for name, lines in found.items():
        tasks.add_row(name, str(len(lines)))
    acts = Table("Chaos", "")
    for name, count in outcome.acts.items():
        acts.add_row(name, str(count))
    console.print(tasks, acts)
    console.print(f"{outcome.requests} requests in {outcome.seconds:.1f} s.")
    for name, lines in found.items():
        for line in lines[:SHOWN]:
            console.print(f"{name}: {line}", markup=False, highlight=False)
