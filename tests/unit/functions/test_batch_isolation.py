"""A message with any content fails alone: the other messages of its batch are processed."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.reaper.reaper import Reaper
from functions.worker.bootstrap import bootstrap
from tasks.aws.telemetry import NullTelemetry
from tasks.messages import TaskMessage
from tasks.task import Lane, Status, Task
from tests.fakes import (
    NOW,
    FakeClock,
    InMemoryDeliveryQueue,
    InMemoryDocumentStore,
    InMemoryTaskQueue,
    InMemoryTaskStore,
    InMemoryWebhookStore,
    small_suggester,
    sqs_event,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENT: Final = {
    "TABLE_NAME": "tasks",
    "TASK_QUEUE_URL": "http://sqs/tasks",
    "BULK_QUEUE_URL": "http://sqs/bulk",
    "DOCUMENT_QUEUE_URL": "http://sqs/documents",
    "DOCUMENT_BUCKET": "documents",
    "LANES": "interactive,bulk,document",
}
GOOD: Final = Task("good", "me", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400)
SUGGESTER: Final = small_suggester()

ODD: Final = st.sampled_from(
    [float("nan"), float("inf"), 10**400, -(10**30), 1e308, "\ud800", "", "\0", "x" * 9000]
)
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | ODD,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | ODD.filter(lambda odd: isinstance(odd, str)), inner)
    ),
    max_leaves=8,
)
INPUT_FIELDS: Final = (
    *("ingredients", "kind", "top_k", "length", "novelty", "exclude", "only"),
    *("document", "language", "defaults", "progress"),
)
FIELDS: Final = ("version", "task_id", "owner", "input", "deadline", "lane")


def body(lane: Lane = Lane.INTERACTIVE, /, **fields: Any) -> str:
    """Return a message of a stranger with these fields."""
    message = TaskMessage("bad", "me", {"ingredients": ["milk"]}, NOW + 900, lane)
    if lane is Lane.DOCUMENT:
        document = {"document": "uploads/me/d.jsonl", "language": "en", "defaults": {}}
        message = replace(message, input=document)
    return json.dumps(json.loads(message.encode()) | fields)


def corrupted_body(lane: Lane, fields: dict[str, Any], members: dict[str, Any]) -> str:
    """Return a message of a stranger with these fields, and these members of its input."""
    given_input = json.loads(body(lane))["input"]
    return body(lane, **{"input": given_input | members, **fields})


BODIES: Final = st.text() | st.builds(
    corrupted_body,
    st.sampled_from(Lane),
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=2),
    st.dictionaries(st.sampled_from(INPUT_FIELDS), JSON, max_size=3),
)


class StrictHandler(logging.Handler):
    """Writes each record as JSON in UTF-8, as Lambda does, and raises an error if it cannot."""

    def emit(self, record: logging.LogRecord) -> None:
        fields = {name: str(value) for name, value in vars(record).items()}
        json.dumps(fields, ensure_ascii=False).encode()


@pytest.fixture(autouse=True, scope="module")
def strict_log() -> Iterator[None]:
    """Let a log line that cannot be written raise its error."""
    root, handler = logging.getLogger(), StrictHandler()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield
    root.setLevel(level)
    root.removeHandler(handler)


def store_with_good_task() -> InMemoryTaskStore:
    store = InMemoryTaskStore()
    store.create([GOOD, replace(GOOD, task_id="bad")])
    return store


def work(store: InMemoryTaskStore, *bodies: str) -> list[str]:
    """Let the worker process the good message together with others."""
    worker = bootstrap(
        ENVIRONMENT,
        suggester=SUGGESTER,
        store=store,
        queues={lane: InMemoryTaskQueue() for lane in Lane},
        documents=InMemoryDocumentStore({"uploads/me/d.jsonl": b'["milk"]\n'}),
        telemetry=NullTelemetry(),
        clock=FakeClock(),
    )
    return worker.run(sqs_event(*bodies, TaskMessage.of(GOOD)), lambda: 60.0)


def reap(store: InMemoryTaskStore, *bodies: str) -> list[str]:
    """Let the reaper process the good message together with others."""
    queue = InMemoryDeliveryQueue()
    reaper = Reaper(store, InMemoryWebhookStore(), queue, FakeClock(), NullTelemetry())
    return reaper.run(sqs_event(*bodies, TaskMessage.of(GOOD)), lambda: 15.0)


@pytest.mark.parametrize("process", [work, reap])
@pytest.mark.parametrize("deadline", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 400])
def test_a_message_whose_deadline_is_no_time_is_kept(process: Any, deadline: str) -> None:
    store = store_with_good_task()
    bad = body().replace(str(NOW + 900), deadline)
    assert deadline in bad
    assert process(store, bad) == ["m0"]
    assert store.rows["good"].status is not Status.PROCESSING
    assert store.rows["bad"].status is Status.PROCESSING


@given(BODIES)
@example(body(task_id="\ud800"))
@example(body(input={"kind": "\ud800"}))
@example(body(Lane.DOCUMENT, input={"document": 5}))
def test_the_worker_answers_the_other_messages_of_a_batch(bad: str) -> None:
    store = store_with_good_task()
    assert set(work(store, bad, bad)) <= {"m0", "m1"}
    assert store.rows["good"].status is Status.SUCCESS


@given(BODIES)
@example(body(task_id="\ud800"))
def test_the_reaper_ends_the_other_tasks_of_a_batch(bad: str) -> None:
    store = store_with_good_task()
    assert set(reap(store, bad, bad)) <= {"m0", "m1"}
    assert store.rows["good"].status is Status.FAIL
