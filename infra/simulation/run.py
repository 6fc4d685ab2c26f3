"""Runs rounds: each is a stack of its own, with its own workload and faults, from one seed."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from infra.simulation.api import Api
from infra.simulation.callers import Caller
from infra.simulation.disruptions import Disruptions
from infra.simulation.events import FaultInjected
from infra.simulation.faults import LATEST, LONGEST_DELAY, MAX_SKEW, Profile
from infra.simulation.history import History
from infra.simulation.nemesis import Nemesis
from infra.simulation.parts import Parts
from infra.simulation.pollers import start_pollers
from infra.simulation.requests import Requests
from infra.simulation.scheduler import Scheduler
from infra.simulation.stack import Settings, Stack
from infra.simulation.workload import WorkloadGenerator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.simulation.workload import Operation

START: Final = 1_790_000_000.0  # seconds since the epoch
CHAOS_SECONDS: Final = (0.6, 3.6)  # for each task
SUBMISSIONS_AFTER_CHAOS: Final = 120.0  # seconds
LAST_SUBMISSION: Final = 600.0  # seconds from the start of an operation to its last attempt
DOCUMENT_SECONDS: Final = ((0.01, 0.1), (1.2, 2.0))  # of a line in the model
DEADLINES: Final = (900, 3600)  # seconds
PARTS: Final = Parts()


@dataclass(frozen=True, slots=True)
class Round:
    """A round that has ended.

    Attributes:
        number: of the round.
        settings: the parameters of its deployment.
        history: what happened.
        stack: the table, the queues and the bucket at the end.
        settled_at: from when on there were no faults any more.
        operations: what the callers did.
    """

    number: int
    settings: Settings
    history: History
    stack: Stack
    settled_at: float
    operations: list[Operation]

    @property
    def faults(self) -> Counter[str]:
        """How many faults of each kind were injected."""
        found = (event for event in self.history.events if isinstance(event, FaultInjected))
        return Counter(event.kind for event in found)


def run_round(
    seed: int, number: int, tasks: int, parts: Parts = PARTS, profile: Profile | None = None
) -> Round:
    """Run a round to its end: until every row has expired and every queue is quiet.

    Args:
        seed: of the run.
        number: of the round; every round of a seed has other faults.
        tasks: how many tasks are submitted.
        parts: the code under test.
        profile: the faults; None to draw them.
    """
    random = Random(f"{seed}/{number}")
    scheduler = Scheduler(START)
    history = History(scheduler)
    profile = profile or Profile.draw(random)
    nemesis = Nemesis(scheduler, history, Random(random.getrandbits(64)), profile)
    nemesis.condition.document_seconds = random.choice(DOCUMENT_SECONDS)
    settings = Settings(deadline=random.choice(DEADLINES))
    stack = Stack(scheduler, history, nemesis, parts, settings, Random(random.getrandbits(64)))
    chaos = tasks * random.uniform(*CHAOS_SECONDS)
    generator = WorkloadGenerator(Random(random.getrandbits(64)), chaos + SUBMISSIONS_AFTER_CHAOS)
    operations = generator.operations(tasks)
    api = Api(stack)
    with silent_logs():
        start_pollers(stack)
        Disruptions(stack).schedule(START + chaos)
        _start_callers(stack, api, operations, START + chaos)
        scheduler.run()
    settled_at = START + chaos + max(LATEST, LONGEST_DELAY)
    return Round(number, settings, history, stack, settled_at, operations)


def _start_callers(stack: Stack, api: Api, operations: list[Operation], until: float) -> None:
    scheduler = stack.scheduler

    def start(name: str, run: Callable[[], None], at: float) -> None:
        scheduler.at(at, lambda: scheduler.spawn(name, run))

    for operation in operations:
        name = f"caller {operation.owner}"
        start(name, Caller(stack, api, operation).run, START + operation.at)
    last = until + SUBMISSIONS_AFTER_CHAOS + LAST_SUBMISSION + 6 * MAX_SKEW
    for seconds in (stack.settings.deadline, stack.settings.retention):
        start("reader", lambda: _read_all(stack, api), last + seconds)


def _read_all(stack: Stack, api: Api) -> None:
    """Read every accepted task once, as its owner."""
    for task_id, accepted in list(stack.history.accepted.items()):
        Requests(stack, api, accepted.task.owner).read([task_id])


@contextmanager
def silent_logs() -> Iterator[None]:
    """Disable all logs: faults are expected."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
