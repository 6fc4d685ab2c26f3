"""Whatever happens in whatever order, the rules of a task's life hold after every step.

A machine submits, replays, delivers, delivers twice, crashes before or after any write, cancels,
lets time pass and reaps; the rules are checked after each step, and at the end every task that a
caller was told of is brought to its end.
"""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.reaper.reaper import Reaper
from functions.worker.batch import BatchWorker
from functions.worker.dispositions import RetryPolicy
from functions.worker.drink_processor import DrinkProcessor
from functions.worker.failures import Transient
from functions.worker.metrics import UsageMeter
from tasks.aws.telemetry import NullTelemetry
from tasks.errors import KeyReused, TaskFinished, TaskNotFound, Unavailable
from tasks.service import Submission, TaskService
from tasks.task import ErrorType, Lane, Status, Task
from tests.fakes import FakeClock, InMemoryTaskStore, sequential_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.messages import TaskMessage
    from tasks.task import JsonObject

VISIBILITY: Final = 90.0  # seconds
MAX_RECEIVES: Final = 6
DEADLINE: Final = 900
OWNERS: Final = ("ann", "bob")
NATURES: Final = ("good", "poison", "moody")  # moody: the model cannot answer it at the moment


class Crash(BaseException):
    """The process ends here; nothing catches it."""


@dataclass
class FakeSqs:
    """A queue with the semantics of SQS: visibility, receive counts, dead letters."""

    clock: FakeClock
    bodies: list[str] = field(default_factory=list)
    visible_at: list[float] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)

    def send(self, messages: Sequence[TaskMessage]) -> None:
        for message in messages:
            self.bodies.append(message.encode())
            self.visible_at.append(self.clock())
            self.received.append(0)

    def change_visibility(self, receipt_handle: str, seconds: int) -> None:
        self.visible_at[int(receipt_handle)] = self.clock() + seconds

    def receive(self, most: int) -> dict[str, Any]:
        records: list[dict[str, Any]] = []
        for index, body in enumerate(self.bodies):
            if index in self.gone or self.visible_at[index] > self.clock() or len(records) == most:
                continue
            if self.received[index] >= MAX_RECEIVES:
                self.gone.add(index)
                self.dead.append(body)
                continue
            self.received[index] += 1
            self.visible_at[index] = self.clock() + VISIBILITY
            records.append(self.record(index, body))
        return {"Records": records}

    def record(self, index: int, body: str) -> dict[str, Any]:
        return {
            "messageId": str(index),
            "receiptHandle": str(index),
            "body": body,
            "attributes": {"ApproximateReceiveCount": str(self.received[index])},
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:line",
        }


class Fragile:
    """A port that crashes the process, or is unavailable, at a write of the test's choosing."""

    def __init__(self, port: Any, trouble: list[str]) -> None:
        self._port = port
        self._trouble = trouble

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def call(*arguments: Any) -> Any:
            trouble = self._trouble.pop(0) if self._trouble else ""
            if trouble == "crash before":
                raise Crash
            if trouble == "unavailable":
                raise Unavailable
            result = method(*arguments)
            if trouble == "crash after":
                raise Crash
            if trouble == "answer lost":
                raise Unavailable
            return result

        return call


TROUBLE = st.lists(
    st.sampled_from(["", "", "crash before", "crash after", "unavailable", "answer lost"]),
    max_size=4,
)


class Lifecycle(RuleBasedStateMachine):
    """Everything between a caller and a row, with one process of each kind."""

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        self.rows = self.make_store()
        self.queue = FakeSqs(self.clock)
        self.trouble: list[str] = []
        self.moody = True
        self.answered: dict[str, str] = {}  # task id -> owner
        self.keys: dict[tuple[str, str], tuple[Submission, str]] = {}
        self.final: dict[str, Task] = {}
        store, queue = Fragile(self.rows, self.trouble), Fragile(self.queue, self.trouble)
        self.service = TaskService(
            store,
            {Lane.INTERACTIVE: queue},
            retention=86_400,
            deadline=DEADLINE,
            clock=self.clock,
            new_id=sequential_ids(),
        )
        queues = {"line": queue}
        chance = random.Random(1)
        drinks = DrinkProcessor(self.suggest, RetryPolicy(chance), self.clock)
        self.worker = BatchWorker(
            {Lane.INTERACTIVE: drinks},
            store,
            queues,
            self.clock,
            NullTelemetry(),
            UsageMeter("test", gigabytes=1.0),
        )
        self.reaper = Reaper(store, self.clock, NullTelemetry())

    def make_store(self) -> Any:
        return InMemoryTaskStore()

    def suggest(self, inputs: Sequence[JsonObject]) -> list[JsonObject]:
        natures = {fields["nature"] for fields in inputs}
        if "poison" in natures:
            raise ZeroDivisionError
        if "moody" in natures and self.moody:
            raise Transient
        return [{"echo": fields["nature"]} for fields in inputs]

    def attempt(self, trouble: list[str], action: Callable[[], Any]) -> Any:
        """Run an action with trouble ahead; a crash ends it and nothing else."""
        self.trouble[:] = trouble
        try:
            return action()
        except (Crash, Unavailable):
            return None
        finally:
            self.trouble.clear()

    @rule(
        owner=st.sampled_from(OWNERS),
        key=st.sampled_from(["", "k1", "k2"]),
        nature=st.sampled_from(NATURES),
        trouble=TROUBLE,
    )
    def submit(self, owner: str, key: str, nature: str, trouble: list[str]) -> None:
        drink = Submission({"nature": nature})
        try:
            tasks = self.attempt(trouble, lambda: self.service.submit(owner, [drink], key))
        except KeyReused:
            assert key
            return
        for task in tasks or ():
            self.answered[task.task_id] = owner
            if key:
                stands_for = self.keys.setdefault((owner, key), (drink, task.task_id))
                assert stands_for == (drink, task.task_id)

    @rule(most=st.integers(1, 10), trouble=TROUBLE, seconds=st.sampled_from([15.0, 4.0]))
    def deliver(self, most: int, trouble: list[str], seconds: float) -> None:
        event = self.queue.receive(most)
        failed = self.attempt(trouble, lambda: self.worker.run(event, lambda: seconds))
        if failed is not None:
            ids = {record["messageId"] for record in event["Records"]}
            assert set(failed) <= ids
            self.queue.gone |= {int(message_id) for message_id in ids - set(failed)}

    @precondition(lambda self: self.queue.bodies)
    @rule(data=st.data())
    def deliver_a_straggler(self, data: st.DataObject) -> None:
        """Bring a message once more that may be done with already, as SQS may."""
        index = data.draw(st.integers(0, len(self.queue.bodies) - 1))
        record = self.queue.record(index, self.queue.bodies[index])
        record["attributes"]["ApproximateReceiveCount"] = "1"
        self.worker.run({"Records": [record, record]}, lambda: 15.0)

    @precondition(lambda self: self.queue.dead)
    @rule(trouble=TROUBLE)
    def reap(self, trouble: list[str]) -> None:
        event = {"Records": [self.queue.record(0, body) for body in self.queue.dead]}
        failed = self.attempt(trouble, lambda: self.reaper.run(event))
        if failed == []:
            self.queue.dead.clear()

    @precondition(lambda self: self.answered)
    @rule(data=st.data(), trouble=TROUBLE)
    def cancel(self, data: st.DataObject, trouble: list[str]) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.answered)))
        with suppress(TaskFinished):
            self.attempt(trouble, lambda: self.service.cancel(self.answered[task_id], task_id))

    @rule(seconds=st.sampled_from([1, 5, 15, 90, 400]))
    def let_time_pass(self, seconds: int) -> None:
        self.clock.now += seconds

    @rule()
    def change_the_model_s_mood(self) -> None:
        self.moody = not self.moody

    @invariant()
    def final_statuses_never_change(self) -> None:
        for task_id in self.answered:
            row = self.rows.get(task_id)
            assert row is not None
            if row.status is not Status.PROCESSING:
                assert self.final.setdefault(task_id, row) == row

    @invariant()
    def outcomes_are_what_the_model_says(self) -> None:
        for row in self.final.values():
            if row.status is Status.SUCCESS:
                assert row.result == {"echo": row.input["nature"]}
                assert row.input["nature"] != "poison"
            if row.error is not None and row.error.type is ErrorType.PREDICTION_FAILED:
                assert row.input["nature"] == "poison"
            if row.error is not None and row.error.type is ErrorType.MAX_RETRIES_EXCEEDED:
                assert row.input["nature"] == "moody"

    @invariant()
    def nobody_sees_another_owner_s_task(self) -> None:
        for task_id, owner in self.answered.items():
            other = next(name for name in OWNERS if name != owner)
            try:
                self.service.fetch(other, task_id)
            except TaskNotFound:
                continue
            raise AssertionError(task_id)

    def teardown(self) -> None:
        """Every task that was answered reaches its end: at the latest by its deadline."""
        if not hasattr(self, "answered"):
            return
        self.clock.now += DEADLINE
        for task_id, owner in self.answered.items():
            ended = self.service.fetch(owner, task_id)
            assert ended.status is not Status.PROCESSING
            assert self.final.get(task_id, ended) == ended


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=150, stateful_step_count=40)
