"""The event source behaves like Lambda's poller."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.definitions import EventSourceMapping
from infra.local.event_source import EventSource, Message
from tasks.errors import Unavailable
from tests.fakes import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from infra.local.event_source import LocalContext

ARN = "arn:aws:sqs:us-east-1:123456789012:tasks"
RECEIVE_LIMIT = 10  # messages that the fake source returns at most, like SQS


class Clock:
    """A clock that advances by a step each time it is read."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 100.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class FakeSource:
    """Messages in lists; a received message is in flight until it is deleted or released."""

    def __init__(self) -> None:
        self.visible: list[Message] = []
        self.in_flight: list[Message] = []
        self.errors: list[Exception] = []  # of the next receives

    def receive(self, maximum: int, wait: float) -> list[Message]:
        assert wait >= 0
        if self.errors:
            raise self.errors.pop()
        count = min(maximum, RECEIVE_LIMIT)
        found, self.visible = self.visible[:count], self.visible[count:]
        self.in_flight += found
        return found

    def delete(self, messages: Sequence[Message]) -> None:
        self.in_flight = [message for message in self.in_flight if message not in messages]


class Harness:
    """A source of messages, and a handler that records its events."""

    def __init__(self) -> None:
        self.messages = FakeSource()
        self.batches: list[list[str]] = []
        self.events: list[dict[str, Any]] = []
        self.respond: Callable[[dict[str, Any]], Any] = lambda _: None
        self.clock = Clock()
        self.pauses: list[float] = []

    def send(self, *bodies: str) -> None:
        self.messages.visible += [
            Message(f"m-{body}", f"r-{body}", body, receive_count=1, sent_at=NOW) for body in bodies
        ]

    def source(
        self, batch_size: int = 10, window: float = 0, *, reports: bool = True
    ) -> EventSource:
        return EventSource(
            self.messages,
            EventSourceMapping(ARN, batch_size, window, reports),
            self.handle,
            function_name="f",
            timeout=15,
            clock=self.clock,
            pause=self.pause,
        )

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.now += seconds

    def handle(self, event: dict[str, Any], context: LocalContext) -> Any:
        assert context.get_remaining_time_in_millis() <= 15_000
        self.events.append(event)
        self.batches.append([record["body"] for record in event["Records"]])
        return self.respond(event)

    def count(self) -> int:
        """Return the number of messages that were not deleted."""
        return len(self.messages.visible) + len(self.messages.in_flight)


@pytest.fixture
def harness() -> Harness:
    return Harness()


def report(*bodies: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a handler that reports the messages with these bodies as failed."""

    def respond(event: dict[str, Any]) -> dict[str, Any]:
        ids = [r["messageId"] for r in event["Records"] if r["body"] in bodies]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in ids]}

    return respond


def test_a_successful_batch_is_deleted(harness: Harness) -> None:
    harness.send("a", "b", "c")
    assert harness.source().poll() == 3
    assert sorted(harness.batches[0]) == ["a", "b", "c"]
    assert harness.count() == 0


def test_an_event_has_at_most_as_many_messages_as_the_batch_size(harness: Harness) -> None:
    """The others are in the next event."""
    harness.send(*"abcde")
    source = harness.source(batch_size=2)
    assert [source.poll() for _ in range(3)] == [2, 2, 1]


def test_a_batch_with_a_window_may_exceed_one_receive(harness: Harness) -> None:
    """One receive returns at most ten messages."""
    harness.send(*(str(number) for number in range(25)))
    assert harness.source(batch_size=100, window=1).poll() == 25


def test_an_open_window_polls_with_pauses(harness: Harness) -> None:
    """A pause takes 50 ms."""
    harness.send("a")
    assert harness.source(batch_size=100, window=1).poll() == 1
    assert 10 <= len(harness.pauses) <= 25


def test_a_batch_without_a_window_is_one_receive(harness: Harness) -> None:
    harness.send(*(str(number) for number in range(25)))
    assert harness.source(batch_size=100).poll() == 10


def test_a_record_has_the_same_fields_as_on_lambda(harness: Harness) -> None:
    harness.send("a")
    harness.source().poll()
    [record] = harness.events[0]["Records"]
    assert record["body"] == "a"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:tasks"
    assert record["awsRegion"] == "us-east-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["SentTimestamp"] == f"{NOW:.0f}000"
    assert record["messageId"]
    assert record["receiptHandle"]


def test_only_messages_reported_as_failed_are_kept(harness: Harness) -> None:
    """The others are deleted."""
    harness.send("a", "b", "c")
    harness.respond = report("b")
    harness.source().poll()
    assert [message.body for message in harness.messages.in_flight] == ["b"]


def test_the_response_is_ignored_without_report_batch_item_failures(harness: Harness) -> None:
    """The whole batch is deleted."""
    harness.send("a")
    harness.respond = report("a")
    harness.source(reports=False).poll()
    assert harness.count() == 0


@pytest.mark.parametrize(
    "response",
    [
        {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{}]},
        {"batchItemFailures": [7]},
    ],
)
def test_an_invalid_response_fails_the_whole_batch(harness: Harness, response: Any) -> None:
    """Lambda does the same."""
    harness.send("a", "b")
    harness.respond = lambda _: response
    harness.source().poll()
    assert harness.count() == 2


@pytest.mark.parametrize(
    "response", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}]
)
def test_an_empty_response_is_a_success(harness: Harness, response: Any) -> None:
    """Lambda documents each of these as a complete success."""
    harness.send("a")
    harness.respond = lambda _: response
    harness.source().poll()
    assert harness.count() == 0


def test_an_exception_fails_the_whole_batch(harness: Harness) -> None:
    def crash(_: object) -> None:
        raise ZeroDivisionError

    harness.send("a", "b")
    harness.respond = crash
    assert harness.source().poll() == 2
    assert harness.count() == 2


def test_a_response_after_the_timeout_fails_the_whole_batch(harness: Harness) -> None:
    """Lambda would have ended the function by then."""

    def time_out(_: object) -> None:
        harness.clock.now += 16

    harness.send("a")
    harness.respond = time_out
    harness.source().poll()
    assert harness.count() == 1


@pytest.mark.parametrize(
    ("error", "level", "has_traceback"),
    [(Unavailable("full"), "WARNING", False), (KeyError("bug"), "ERROR", True)],
)
def test_a_failed_poll_is_logged_and_repeated(
    caplog: pytest.LogCaptureFixture, error: Exception, level: str, *, has_traceback: bool
) -> None:
    """A fault that passes is one line; only an unexpected error has a traceback."""
    harness = Harness()
    stop = threading.Event()
    harness.messages.errors = [error]
    harness.respond = lambda _: stop.set()
    harness.send("a")
    harness.source().run(stop)
    assert harness.batches == [["a"]]
    [record] = caplog.records
    assert record.levelname == level
    assert bool(record.exc_info) is has_traceback
