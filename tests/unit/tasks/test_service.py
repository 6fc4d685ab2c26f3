import hashlib
import logging
from dataclasses import replace

import pytest

from tasks.errors import (
    KeyReused,
    TaskExpired,
    TaskFinished,
    TaskNotFound,
    TooManyTasks,
    Unavailable,
)
from tasks.messages import TaskMessage
from tasks.service import TaskService
from tasks.submission import Submission
from tasks.task import ErrorType, Lane, Outcome, Status
from tests.fakes import NOW, FakeClock, InMemoryTaskQueue, InMemoryTaskStore, sequential_ids

DAY = 86_400
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
DRINK = Submission({"ingredients": ["milk"]})


class Harness:
    """A service with fakes for all ports."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = InMemoryTaskStore()
        self.interactive = InMemoryTaskQueue()
        self.bulk = InMemoryTaskQueue()
        self.service = TaskService(
            store=self.store,
            queues={Lane.INTERACTIVE: self.interactive, Lane.BULK: self.bulk},
            retention=DAY,
            deadline=900,
            clock=self.clock,
            new_id=sequential_ids(),
        )


@pytest.fixture
def harness() -> Harness:
    return Harness()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_submission_creates_a_row_and_a_message(harness: Harness) -> None:
    """Both have the id of the task."""
    [task] = harness.service.submit("me", [DRINK])
    assert harness.store.rows[task.task_id] == task
    assert harness.interactive.messages == [TaskMessage.of(task)]
    assert task.status is Status.PROCESSING
    assert task.deadline == harness.clock.now + 900
    assert task.expires_at == harness.clock.now + DAY


def test_tasks_are_returned_in_the_order_of_their_submissions(harness: Harness) -> None:
    """The order does not depend on their lanes."""
    submissions = [
        Submission({"n": 0}, Lane.BULK),
        Submission({"n": 1}),
        Submission({"n": 2}, Lane.BULK, deadline=60),
    ]
    tasks = harness.service.submit("me", submissions)
    assert [task.input["n"] for task in tasks] == [0, 1, 2]
    assert [message.input["n"] for message in harness.bulk.messages] == [0, 2]
    assert [message.input["n"] for message in harness.interactive.messages] == [1]
    assert tasks[2].deadline == harness.clock.now + 60


def test_a_replayed_key_returns_the_same_tasks(harness: Harness) -> None:
    """No further rows are created."""
    first = harness.service.submit("me", [DRINK, DRINK], "k")
    again = harness.service.submit("me", [DRINK, DRINK], "k")
    assert [task.task_id for task in again] == [task.task_id for task in first]
    assert len(harness.store.rows) == 2


def test_a_replay_sends_the_messages_that_a_crash_prevented(harness: Harness) -> None:
    """Tasks that are final by then are not sent."""
    harness.interactive.unavailable = True
    with pytest.raises(Unavailable):
        harness.service.submit("me", [DRINK, DRINK], "k")
    harness.interactive.unavailable = False
    done, waiting = harness.store.rows
    harness.store.finish(done, Outcome(Status.SUCCESS, harness.clock.now, result={}))
    tasks = harness.service.submit("me", [DRINK, DRINK], "k")
    assert [task.status for task in tasks] == [Status.SUCCESS, Status.PROCESSING]
    assert [message.task_id for message in harness.interactive.messages] == [waiting]


def test_a_key_cannot_be_reused_for_other_submissions(harness: Harness) -> None:
    """All but the trace must be the same, and the number of tasks."""
    harness.service.submit("me", [DRINK], "k")
    for other in (
        [Submission({"ingredients": ["tea"]})],
        [replace(DRINK, lane=Lane.BULK)],
        [replace(DRINK, deadline=60)],
        [replace(DRINK, metadata={"table": "7"})],
        [replace(DRINK, webhook="https://example.com/")],
        [DRINK, DRINK],
    ):
        with pytest.raises(KeyReused):
            harness.service.submit("me", other, "k")
    assert len(harness.store.rows) == 1


def test_a_request_is_repeated_under_another_trace(harness: Harness) -> None:
    [first] = harness.service.submit("me", [replace(DRINK, traceparent=TRACE)], "k")
    [again] = harness.service.submit("me", [replace(DRINK, traceparent=None)], "k")
    assert again == first
    assert [message.traceparent for message in harness.interactive.messages] == [TRACE, TRACE]


def test_the_log_of_a_submission_names_its_trace(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="tasks.service")
    harness.service.submit("me", [replace(DRINK, traceparent=TRACE), DRINK])
    assert [vars(line).get("traceparent") for line in caplog.records] == [TRACE, None]


TEXT = {"ingredients": ["Milch"]}
SENT = Submission({"ingredients": ["milk"]}, sent=TEXT)


@pytest.mark.parametrize(
    "again",
    [
        replace(SENT, input={"ingredients": ["oat-milk"]}),
        replace(SENT, sent={"ingredients": ["молоко"]}),
        replace(SENT, sent=None),
    ],
)
def test_a_request_is_repeated_if_it_was_sent_like_this_or_means_the_same(
    harness: Harness, again: Submission
) -> None:
    """A model that was deployed in between may understand the same names in another way."""
    [first] = harness.service.submit("me", [SENT], "k")
    assert harness.service.submit("me", [again], "k") == [first]


def test_a_request_that_differs_in_both_is_another_one(harness: Harness) -> None:
    harness.service.submit("me", [SENT], "k")
    other = replace(SENT, input={"ingredients": ["tea"]}, sent={"ingredients": ["tea"]})
    with pytest.raises(KeyReused):
        harness.service.submit("me", [other], "k")


def test_a_record_of_version_0_1_is_recognised(harness: Harness) -> None:
    """Its fingerprint is the hash of what the request meant."""
    [first] = harness.service.submit("me", [replace(SENT, sent=None)], "k")
    assert harness.service.submit("me", [SENT], "k") == [first]
    [record] = harness.store.records.values()
    assert record.record_id == "key#" + digest('["me", "k"]')
    text = '[{"deadline": null, "input": {"ingredients": ["milk"]}, "lane": "interactive"}]'
    assert record.fingerprint == digest(text)


def test_a_record_has_a_hash_of_the_meaning_and_one_of_what_was_sent(harness: Harness) -> None:
    """Later versions must be able to compute both again."""
    harness.service.submit("me", [SENT], "k")
    [record] = harness.store.records.values()
    meaning = '[{"deadline": null, "input": {"ingredients": ["milk"]}, "lane": "interactive"}]'
    sent = '{"sent": [{"ingredients": ["Milch"]}]}'
    assert record.fingerprint == f"{digest(meaning)} {digest(sent)}"


def test_a_replay_returns_the_tasks_of_a_key_without_submissions(harness: Harness) -> None:
    """Those that are not final are sent again."""
    [first] = harness.service.submit("me", [SENT], "k")
    assert harness.service.replay("me", [TEXT], "k") == [first]
    assert len(harness.interactive.messages) == 2


@pytest.mark.parametrize(
    ("owner", "sent", "key"), [("you", TEXT, "k"), ("me", TEXT, "l"), ("me", {}, "k")]
)
def test_nothing_is_replayed_for_another_owner_key_or_request(
    harness: Harness, owner: str, sent: dict[str, object], key: str
) -> None:
    harness.service.submit("me", [SENT], "k")
    assert harness.service.replay(owner, [sent], key) is None
    assert len(harness.interactive.messages) == 1


def test_two_owners_may_use_the_same_key(harness: Harness) -> None:
    [mine] = harness.service.submit("me", [DRINK], "k")
    [yours] = harness.service.submit("you", [DRINK], "k")
    assert mine.task_id != yours.task_id


def test_a_key_stands_for_at_most_99_tasks(harness: Harness) -> None:
    """Nothing is written for more."""
    with pytest.raises(TooManyTasks, match="at most 99 tasks"):
        harness.service.submit("me", [DRINK] * 100, "k")
    assert not harness.store.rows
    assert len(harness.service.submit("me", [DRINK] * 99, "k")) == 99


def test_nothing_is_sent_if_the_table_is_unavailable(harness: Harness) -> None:
    """A worker therefore never receives a task without a row."""
    harness.store.unavailable = True
    with pytest.raises(Unavailable):
        harness.service.submit("me", [DRINK])
    assert harness.interactive.messages == []


def test_a_submission_fails_if_the_queue_is_unavailable(harness: Harness) -> None:
    """A caller must not rely on a task that no worker receives."""
    harness.interactive.unavailable = True
    with pytest.raises(Unavailable):
        harness.service.submit("me", [DRINK])


def test_an_owner_cannot_fetch_or_cancel_the_task_of_another_owner(harness: Harness) -> None:
    """The error is the same as for an unknown task."""
    [task] = harness.service.submit("me", [DRINK])
    for call in (harness.service.fetch, harness.service.cancel):
        with pytest.raises(TaskNotFound):
            call("you", task.task_id)
        with pytest.raises(TaskNotFound):
            call("me", "00000000-0000-0000-0000-000000000000")
    assert harness.service.fetch("me", task.task_id).status is Status.PROCESSING


def test_a_task_past_its_retention_is_expired(harness: Harness) -> None:
    """The id contains the submission time, so the row is not needed."""
    [task] = harness.service.submit("me", [DRINK])
    harness.clock.now += DAY
    with pytest.raises(TaskExpired):
        harness.service.fetch("me", task.task_id)
    harness.store.rows.clear()
    with pytest.raises(TaskExpired):
        harness.service.fetch("me", task.task_id)


def test_reading_a_task_past_its_deadline_ends_it_as_failed(harness: Harness) -> None:
    """Later reads return the same outcome."""
    [task] = harness.service.submit("me", [DRINK])
    harness.clock.now += 899
    assert harness.service.fetch("me", task.task_id).status is Status.PROCESSING
    harness.clock.now += 1
    for _ in range(2):
        late = harness.service.fetch("me", task.task_id)
        assert late.status is Status.FAIL
        assert late.error is not None
        assert late.error.type is ErrorType.DEADLINE_EXCEEDED
        assert late.finished_at == harness.clock.now


def test_a_finished_task_keeps_its_outcome_past_its_deadline(harness: Harness) -> None:
    [task] = harness.service.submit("me", [DRINK])
    harness.store.finish(task.task_id, Outcome(Status.SUCCESS, harness.clock.now, result={}))
    harness.clock.now += 1000
    assert harness.service.fetch("me", task.task_id).status is Status.SUCCESS


def test_a_cancelled_task_stays_cancelled(harness: Harness) -> None:
    """A second cancellation and a worker's result are both rejected."""
    [task] = harness.service.submit("me", [DRINK])
    cancelled = harness.service.cancel("me", task.task_id)
    assert (cancelled.status, cancelled.finished_at) == (Status.CANCELLED, harness.clock.now)
    with pytest.raises(TaskFinished):
        harness.service.cancel("me", task.task_id)
    assert not harness.store.finish(task.task_id, Outcome(Status.SUCCESS, harness.clock.now))
    assert harness.service.fetch("me", task.task_id).status is Status.CANCELLED


def test_a_cancellation_that_loses_a_race_reports_the_outcome(harness: Harness) -> None:
    """A worker finishes the task between the read and the write of the cancellation."""
    [task] = harness.service.submit("me", [DRINK])
    finish = harness.store.finish

    def finish_after_the_worker(task_id: str, outcome: Outcome) -> bool:
        finish(task_id, Outcome(Status.SUCCESS, harness.clock.now, result={}))
        return finish(task_id, outcome)

    harness.store.finish = finish_after_the_worker  # type: ignore[method-assign]
    with pytest.raises(TaskFinished, match="SUCCESS"):
        harness.service.cancel("me", task.task_id)


class EstimatingQueue(InMemoryTaskQueue):
    """A queue in which a task is done 100 s after the clock started, plus its age in seconds."""

    def retry_after(self, created_at: float) -> int:
        return 100 + int(created_at - NOW)


def test_retry_after_is_that_of_the_latest_task_of_each_lane(harness: Harness) -> None:
    """The last task of a lane is done last, and the slowest lane decides."""
    service = replace(
        harness.service,
        queues={Lane.INTERACTIVE: InMemoryTaskQueue(), Lane.BULK: EstimatingQueue()},
    )
    [early, interactive] = service.submit("me", [Submission({}, Lane.BULK), DRINK])
    harness.clock.now += 20
    [late] = service.submit("me", [Submission({}, Lane.BULK)])
    assert service.retry_after([late, early, interactive]) == 120


def test_retry_after_is_limited_by_the_first_deadline(harness: Harness) -> None:
    """A task past its deadline ends on the next read."""
    service = replace(harness.service, queues={Lane.BULK: EstimatingQueue()})
    tasks = service.submit(
        "me", [Submission({}, Lane.BULK, deadline=60), Submission({}, Lane.BULK)]
    )
    assert service.retry_after(tasks) == 60
    harness.clock.now += 60
    assert service.retry_after(tasks) == 1


def test_retry_after_of_final_tasks_is_one_second(harness: Harness) -> None:
    [task] = harness.service.submit("me", [DRINK])
    cancelled = harness.service.cancel("me", task.task_id)
    assert harness.service.retry_after([cancelled]) == 1
