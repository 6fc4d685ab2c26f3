"""Prints the report of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from tasks.task import Status

if TYPE_CHECKING:
    from rich.console import Console

    from infra.chaos.run import Run

MAX_LINES: Final = 10  # for each kind of violation


def print_report(console: Console, stack: str, run: Run) -> None:
    """Print the outcomes of the tasks, the injected faults and the violations."""
    findings = run.findings
    tasks = Table(f"Tasks, {stack} stack", "")
    tasks.add_row("submitted", str(findings.submitted))
    tasks.add_row("succeeded", str(findings.outcomes[Status.SUCCESS]))
    tasks.add_row("cancelled", str(findings.outcomes[Status.CANCELLED]))
    for outcome in sorted(findings.outcomes.keys() - {Status.SUCCESS, Status.CANCELLED}):
        tasks.add_row(f"failed: {outcome}", str(findings.outcomes[outcome]))
    violations = {
        "lost": findings.lost,
        "unfinished": findings.unfinished,
        "duplicated": findings.duplicated,
        "wrong": findings.wrong,
    }
    for name, lines in violations.items():
        tasks.add_row(name, str(len(lines)))
    faults = Table("Faults", "")
    for name, count in run.faults.items():
        faults.add_row(name, str(count))
    console.print(tasks, faults)
    console.print(f"{run.requests} requests in {run.seconds:.1f} s.")
    for name, lines in violations.items():
        for line in lines[:MAX_LINES]:
            console.print(f"{name}: {line}", markup=False, highlight=False)
