"""Runs many rounds in several processes, and sums up what the checker found in them."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from infra.simulation.checker import check
from infra.simulation.model import Oracle
from infra.simulation.rules.facts import Facts
from infra.simulation.run import START, run_round
from infra.simulation.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.simulation.rules.facts import Violation
    from infra.simulation.run import Round

ROUND_TASKS: Final = 500
EXAMINED: Final = 20  # violations of a rule in a round, of which the shortest is shown
NO_HISTORY: Final = 1_000_000  # the length that stands for none


@dataclass(frozen=True, slots=True)
class Finding:
    """The violation of a rule whose task has the shortest history, and how many there are.

    `round` and `tasks` are the number and the size of its round.
    """

    rule: str
    count: int
    round: int
    tasks: int
    task_id: str
    text: str
    history: list[str]


@dataclass(slots=True)
class Summary:
    """What happened in some rounds.

    Attributes:
        rounds: how many there were.
        submitted: the tasks that callers tried to submit.
        accepted: those that were answered with 202.
        events: the events of the scheduler.
        virtual_seconds: the virtual time.
        faults: the injected faults by kind.
        outcomes: the accepted tasks by status, or by the type of their error.
        findings: the violations by rule.
    """

    rounds: int = 0
    submitted: int = 0
    accepted: int = 0
    events: int = 0
    virtual_seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)

    @property
    def violations(self) -> int:
        """How many violations there are."""
        return sum(finding.count for finding in self.findings.values())

    def add(self, other: Summary) -> None:
        """Add the summary of other rounds."""
        self.rounds += other.rounds
        self.submitted += other.submitted
        self.accepted += other.accepted
        self.events += other.events
        self.virtual_seconds += other.virtual_seconds
        self.faults += other.faults
        self.outcomes += other.outcomes
        for rule, finding in other.findings.items():
            known = self.findings.get(rule)
            if known is None:
                self.findings[rule] = finding
                continue
            shortest = min(known, finding, key=lambda found: len(found.history) or NO_HISTORY)
            self.findings[rule] = replace(shortest, count=known.count + finding.count)


@cache
def oracle() -> Oracle:
    """Return the oracle of this process."""
    return Oracle()


def simulate_round(seed: int, number: int, tasks: int) -> Summary:
    """Run a round and check it."""
    finished = run_round(seed, number, tasks)
    facts = Facts(finished, oracle())
    found = check(facts)
    findings = {
        rule: _shortest(rule, violations, finished, tasks) for rule, violations in found.items()
    }
    scheduler = finished.stack.scheduler
    return Summary(
        rounds=1,
        submitted=sum(len(operation.submissions) for operation in finished.operations),
        accepted=len(finished.history.accepted),
        events=scheduler.events,
        virtual_seconds=scheduler.now - START,
        faults=finished.faults,
        outcomes=Counter(task.outcome for task, _ in facts.accepted),
        findings=findings,
    )


def _shortest(rule: str, violations: Sequence[Violation], finished: Round, tasks: int) -> Finding:
    histories = [
        (violation, timeline(finished.history, violation.task_id) if violation.task_id else [])
        for violation in violations[:EXAMINED]
    ]
    shortest, lines = min(histories, key=lambda pair: len(pair[1]) or NO_HISTORY)
    return Finding(
        rule, len(violations), finished.number, tasks, shortest.task_id, shortest.text, lines
    )


def simulate(tasks: int, seed: int) -> Iterator[Summary]:
    """Run rounds with this many tasks in total; yield the summary of each."""
    sizes = [ROUND_TASKS] * (tasks // ROUND_TASKS)
    if tasks % ROUND_TASKS:
        sizes.append(tasks % ROUND_TASKS)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context) as pool:
        yield from pool.map(partial(simulate_round, seed), range(len(sizes)), sizes)
