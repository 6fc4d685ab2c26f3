"""The tasks of an array, under one id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tasks.batch_ids import batch_id_of, task_ids_of
from tasks.batches import BatchService
from tasks.errors import BatchExpired, BatchNotFound, Unavailable
from tasks.submission import Submission
from tasks.task import ErrorType, Outcome, Status
from tests.fakes import NOW
from tests.unit.tasks.test_service import DAY, Harness, digest

if TYPE_CHECKING:
    from tasks.task import Task

SUCCESS = Outcome(Status.SUCCESS, NOW, result={})
FIRST = "01a0c3a5-4400-7000-8000-000000000001"


class Batches(Harness):
    """A service, and the batches of its callers."""

    def __init__(self) -> None:
        super().__init__()
        self.batches = BatchService(self.service)

    def submit(self, count: int = 3, key: str = "") -> tuple[str, list[Task]]:
        """Submit an array and return the id of its batch and its tasks."""
        submissions = [Submission({"n": number}) for number in range(count)]
        tasks = self.service.submit("me", submissions, key)
        return batch_id_of("me", [task.task_id for task in tasks], key), tasks


@pytest.fixture
def harness() -> Batches:
    return Batches()


KEYS = pytest.mark.parametrize("key", ["", "k"])


@KEYS
@pytest.mark.parametrize("count", [2, 99])
def test_a_batch_has_the_tasks_of_its_array_in_order(
    harness: Batches, key: str, count: int
) -> None:
    batch_id, tasks = harness.submit(count, key)
    assert harness.batches.fetch("me", batch_id) == tasks
    assert [task.input["n"] for task in tasks] == list(range(count))


def test_a_batch_without_a_key_adds_no_row(harness: Batches) -> None:
    harness.submit(100)
    assert len(harness.store.rows) == 100
    assert harness.store.records == {}


def test_the_row_of_a_key_is_the_row_of_its_batch(harness: Batches) -> None:
    batch_id, _ = harness.submit(3, "k")
    assert batch_id == digest('["me", "k"]')
    assert list(harness.store.records) == [f"key#{batch_id}"]


def test_a_repeated_array_with_a_key_is_the_same_batch(harness: Batches) -> None:
    assert harness.submit(3, "k") == harness.submit(3, "k")


@KEYS
def test_the_batch_of_another_owner_is_unknown(harness: Batches, key: str) -> None:
    batch_id, _ = harness.submit(3, key)
    for call in (harness.batches.fetch, harness.batches.cancel):
        with pytest.raises(BatchNotFound):
            call("you", batch_id)
    assert all(task.status is Status.PROCESSING for task in harness.store.rows.values())


@pytest.mark.parametrize(
    "batch_id",
    [
        "",
        FIRST,
        f"{FIRST}-1",
        f"{FIRST}-2",
        f"{FIRST}-101",
        f"{FIRST}-03",
        f"{FIRST}-٣",
        f"{FIRST}-3\n",
        "01a0c3a5-4400-7000-8000-00000000000--3",
        "00000000-0000-0000-0000-000000000000-3",
        "a" * 64,
    ],
)
def test_an_unknown_batch_is_not_found(harness: Batches, batch_id: str) -> None:
    with pytest.raises(BatchNotFound):
        harness.batches.fetch("me", batch_id)


def test_another_count_names_another_batch(harness: Batches) -> None:
    """The ids of the tasks follow from the whole id, so no part of a batch is a batch."""
    batch_id, _ = harness.submit(3)
    with pytest.raises(BatchNotFound):
        harness.batches.fetch("me", batch_id.removesuffix("3") + "2")


def test_a_batch_without_a_key_expires(harness: Batches) -> None:
    """The id contains the submission time, so the rows are not needed."""
    batch_id, _ = harness.submit()
    harness.clock.now += DAY
    harness.store.rows.clear()
    with pytest.raises(BatchExpired):
        harness.batches.fetch("me", batch_id)


def test_a_batch_with_a_key_is_unknown_after_its_retention(harness: Batches) -> None:
    batch_id, _ = harness.submit(key="k")
    harness.clock.now += DAY
    with pytest.raises(BatchNotFound):
        harness.batches.fetch("me", batch_id)


def test_a_read_ends_the_tasks_of_a_batch_that_are_past_their_deadline(harness: Batches) -> None:
    batch_id, _ = harness.submit()
    harness.clock.now += 900
    errors = [task.error for task in harness.batches.fetch("me", batch_id)]
    assert all(error and error.type is ErrorType.DEADLINE_EXCEEDED for error in errors)


@KEYS
def test_cancelling_a_batch_ends_what_has_not_ended(harness: Batches, key: str) -> None:
    batch_id, [first, *_] = harness.submit(3, key)
    harness.store.finish(first.task_id, SUCCESS)
    statuses = [task.status for task in harness.batches.cancel("me", batch_id)]
    assert statuses == [Status.SUCCESS, Status.CANCELLED, Status.CANCELLED]
    assert statuses == [task.status for task in harness.batches.fetch("me", batch_id)]


def test_cancelling_a_batch_again_changes_nothing(harness: Batches) -> None:
    batch_id, _ = harness.submit()
    first = harness.batches.cancel("me", batch_id)
    harness.clock.now += 1
    assert harness.batches.cancel("me", batch_id) == first


def test_a_task_that_ends_while_its_batch_is_cancelled_keeps_its_outcome(harness: Batches) -> None:
    batch_id, [_, second, _] = harness.submit()

    def finish_second() -> None:
        harness.store.on_finish = lambda: None
        harness.store.finish(second.task_id, SUCCESS)

    harness.store.on_finish = finish_second
    statuses = [task.status for task in harness.batches.cancel("me", batch_id)]
    assert statuses == [Status.CANCELLED, Status.SUCCESS, Status.CANCELLED]


def test_a_cancellation_that_was_interrupted_can_be_repeated(harness: Batches) -> None:
    batch_id, [_, second, _] = harness.submit()
    harness.store.unavailable_for = {second.task_id}
    with pytest.raises(Unavailable):
        harness.batches.cancel("me", batch_id)
    harness.store.unavailable_for = set()
    assert {task.status for task in harness.batches.cancel("me", batch_id)} == {Status.CANCELLED}


def test_the_ids_of_a_batch_are_found_without_its_rows(harness: Batches) -> None:
    """The deliveries of webhooks look for the tasks of a batch without knowing its owner."""
    batch_id, tasks = harness.submit()
    assert task_ids_of(batch_id, harness.store, NOW) == [task.task_id for task in tasks]


@KEYS
def test_only_tasks_with_a_webhook_name_their_batch(harness: Batches, key: str) -> None:
    """The deliveries of webhooks need it; other rows would only become larger."""
    hooked = Submission({"n": 0}, webhook="https://bar.example/hook")
    tasks = harness.service.submit("me", [hooked, Submission({"n": 1})], key)
    batch_id = batch_id_of("me", [task.task_id for task in tasks], key)
    assert [task.batch_id for task in tasks] == [batch_id, None]


def test_a_single_task_with_a_webhook_is_in_no_batch(harness: Batches) -> None:
    [task] = harness.service.submit("me", [Submission({}, webhook="https://bar.example/hook")])
    assert task.batch_id is None
