"""The rules of a task's life cycle hold after every step, in any order of steps.

A state machine submits, replays, delivers, redelivers, cancels, reaps, lets time pass, and crashes
before or after any write. The rules are checked after each step. At the end, every accepted task
must become final.
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
from tests.fakes import FakeClock, InlineExecutor, InMemoryTaskStore, sequential_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.messages import TaskMessage
    from tasks.task import JsonObject

VISIBILITY: Final = 90.0  # seconds
MAX_RECEIVES: Final = 6
DEADLINE: Final = 900
OWNERS: Final = ("ann", "bob")
BEHAVIOURS: Final = ("good", "poison", "flaky")  # flaky: fails while the model is unavailable


class Crash(BaseException):
    """The crash of a process. No code catches it."""


@dataclass
class FakeSqs:
    """A queue with the semantics of SQS: visibility timeout, receive counts, dead letters."""

    clock: FakeClock
    bodies: list[str] = field(default_factory=list)
    visible_at: list[float] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
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
            if (
                index in self.deleted
                or self.visible_at[index] > self.clock()
                or len(records) == most
            ):
                continue
            if self.received[index] >= MAX_RECEIVES:
                self.deleted.add(index)
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
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:tasks",
        }


class FaultyPort:
    """A port whose next calls crash the process or fail, according to a list of faults."""

    def __init__(self, port: Any, faults: list[str]) -> None:
        self._port = port
        self._faults = faults

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def call(*arguments: Any) -> Any:
            fault = self._faults.pop(0) if self._faults else ""
            if fault == "crash before":
                raise Crash
            if fault == "unavailable":
                raise Unavailable
            result = method(*arguments)
            if fault == "crash after":
                raise Crash
            if fault == "response lost":
                raise Unavailable
            return result

        return call


FAULTS = st.lists(
    st.sampled_from(["", "", "crash before", "crash after", "unavailable", "response lost"]),
    max_size=4,
)


class Lifecycle(RuleBasedStateMachine):
    """A service, a worker and a reaper, with faults in every write."""

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        self.rows = self.make_store()
        self.queue = FakeSqs(self.clock)
        self.faults: list[str] = []
        self.model_is_unavailable = True
        self.accepted: dict[str, str] = {}  # task id -> owner
        self.keys: dict[tuple[str, str], tuple[Submission, str]] = {}
        self.final: dict[str, Task] = {}
        store, queue = FaultyPort(self.rows, self.faults), FaultyPort(self.queue, self.faults)
        self.service = TaskService(
            store,
            {Lane.INTERACTIVE: queue},
            retention=86_400,
            deadline=DEADLINE,
            clock=self.clock,
            new_id=sequential_ids(),
        )
        queues = {"tasks": queue}
        chance = random.Random(1)
        drinks = DrinkProcessor(self.suggest, RetryPolicy(chance), self.clock)
        self.worker = BatchWorker(
            {Lane.INTERACTIVE: drinks},
            store,
            queues,
            self.clock,
            NullTelemetry(),
            UsageMeter("test", gigabytes=1.0),
            InlineExecutor(),
        )
        self.reaper = Reaper(store, self.clock, NullTelemetry())

    def make_store(self) -> Any:
        return InMemoryTaskStore()

    def suggest(self, inputs: Sequence[JsonObject]) -> list[JsonObject]:
        behaviours = {fields["behaviour"] for fields in inputs}
        if "poison" in behaviours:
            raise ZeroDivisionError
        if "flaky" in behaviours and self.model_is_unavailable:
            raise Transient
        return [{"echo": fields["behaviour"]} for fields in inputs]

    def attempt(self, faults: list[str], action: Callable[[], Any]) -> Any:
        """Run an action with faults. A crash or an unavailable port ends only the action."""
        self.faults[:] = faults
        try:
            return action()
        except (Crash, Unavailable):
            return None
        finally:
            self.faults.clear()

    @rule(
        owner=st.sampled_from(OWNERS),
        key=st.sampled_from(["", "k1", "k2"]),
        behaviour=st.sampled_from(BEHAVIOURS),
        faults=FAULTS,
    )
    def submit(self, owner: str, key: str, behaviour: str, faults: list[str]) -> None:
        drink = Submission({"behaviour": behaviour})
        try:
            tasks = self.attempt(faults, lambda: self.service.submit(owner, [drink], key))
        except KeyReused:
            assert key
            return
        for task in tasks or ():
            self.accepted[task.task_id] = owner
            if key:
                first = self.keys.setdefault((owner, key), (drink, task.task_id))
                assert first == (drink, task.task_id)

    @rule(most=st.integers(1, 10), faults=FAULTS, seconds=st.sampled_from([15.0, 4.0]))
    def deliver(self, most: int, faults: list[str], seconds: float) -> None:
        event = self.queue.receive(most)
        failed = self.attempt(faults, lambda: self.worker.run(event, lambda: seconds))
        if failed is not None:
            ids = {record["messageId"] for record in event["Records"]}
            assert set(failed) <= ids
            self.queue.deleted |= {int(message_id) for message_id in ids - set(failed)}

    @precondition(lambda self: self.queue.bodies)
    @rule(data=st.data())
    def redeliver_a_message(self, data: st.DataObject) -> None:
        """Deliver a message twice more, even if it was deleted, because SQS may do so."""
        index = data.draw(st.integers(0, len(self.queue.bodies) - 1))
        record = self.queue.record(index, self.queue.bodies[index])
        record["attributes"]["ApproximateReceiveCount"] = "1"
        self.worker.run({"Records": [record, record]}, lambda: 15.0)

    @precondition(lambda self: self.queue.dead)
    @rule(faults=FAULTS)
    def reap(self, faults: list[str]) -> None:
        event = {"Records": [self.queue.record(0, body) for body in self.queue.dead]}
        failed = self.attempt(faults, lambda: self.reaper.run(event, lambda: 15.0))
        if failed == []:
            self.queue.dead.clear()

    @precondition(lambda self: self.accepted)
    @rule(data=st.data(), faults=FAULTS)
    def cancel(self, data: st.DataObject, faults: list[str]) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.accepted)))
        with suppress(TaskFinished):
            self.attempt(faults, lambda: self.service.cancel(self.accepted[task_id], task_id))

    @rule(seconds=st.sampled_from([1, 5, 15, 90, 400]))
    def let_time_pass(self, seconds: int) -> None:
        self.clock.now += seconds

    @rule()
    def change_the_availability_of_the_model(self) -> None:
        self.model_is_unavailable = not self.model_is_unavailable

    @invariant()
    def final_statuses_never_change(self) -> None:
        for task_id in self.accepted:
            row = self.rows.get(task_id)
            assert row is not None
            if row.status is not Status.PROCESSING:
                assert self.final.setdefault(task_id, row) == row

    @invariant()
    def outcomes_follow_from_the_model(self) -> None:
        for row in self.final.values():
            if row.status is Status.SUCCESS:
                assert row.result == {"echo": row.input["behaviour"]}
                assert row.input["behaviour"] != "poison"
            if row.error is not None and row.error.type is ErrorType.PREDICTION_FAILED:
                assert row.input["behaviour"] == "poison"
            if row.error is not None and row.error.type is ErrorType.MAX_RETRIES_EXCEEDED:
                assert row.input["behaviour"] == "flaky"

    @invariant()
    def tasks_are_hidden_from_other_owners(self) -> None:
        for task_id, owner in self.accepted.items():
            other = next(name for name in OWNERS if name != owner)
            try:
                self.service.fetch(other, task_id)
            except TaskNotFound:
                continue
            raise AssertionError(task_id)

    def teardown(self) -> None:
        """Check that every accepted task is final once its deadline has passed."""
        if not hasattr(self, "accepted"):
            return
        self.clock.now += DEADLINE
        for task_id, owner in self.accepted.items():
            ended = self.service.fetch(owner, task_id)
            assert ended.status is not Status.PROCESSING
            assert self.final.get(task_id, ended) == ended


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=150, stateful_step_count=40)
