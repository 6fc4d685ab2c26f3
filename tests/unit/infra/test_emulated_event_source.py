"""The event source behaves like Lambda's poller. The queues are in moto."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from infra.emulated.event_source import EventSource
from infra.local.definitions import EventSourceMapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.emulated.event_source import LocalContext


ARN = "arn:aws:sqs:us-east-1:123456789012"


class Clock:
    """A clock that advances by a step each time it is read."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 100.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class Harness:
    """A queue with a dead-letter queue, and a handler that records its events."""

    def __init__(self) -> None:
        self.sqs: Any = boto3.client("sqs")
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        policy = json.dumps({"deadLetterTargetArn": f"{ARN}:dead", "maxReceiveCount": "2"})
        self.url = self.sqs.create_queue(
            QueueName="tasks", Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "30"}
        )["QueueUrl"]
        self.batches: list[list[str]] = []
        self.events: list[dict[str, Any]] = []
        self.respond: Callable[[dict[str, Any]], Any] = lambda _: None
        self.clock = Clock()
        self.pauses: list[float] = []

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def source(
        self, batch_size: int = 10, window: float = 0, *, reports: bool = True
    ) -> EventSource:
        arn = f"{ARN}:tasks"
        mapping = EventSourceMapping(arn, batch_size, window, reports)
        return EventSource(
            self.sqs,
            mapping,
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

    def count(self, url: str | None = None) -> int:
        """Return the number of messages in the queue, in flight or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        response = self.sqs.get_queue_attributes(QueueUrl=url or self.url, AttributeNames=names)
        return sum(int(value) for value in response["Attributes"].values())

    def expire_visibility(self) -> None:
        """Make every message visible again, as if its visibility timeout had expired."""
        handles = [r["receiptHandle"] for event in self.events for r in event["Records"]]
        for handle in handles:
            with suppress(self.sqs.exceptions.ReceiptHandleIsInvalid):  # already deleted
                self.sqs.change_message_visibility(
                    QueueUrl=self.url, ReceiptHandle=handle, VisibilityTimeout=0
                )


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Harness()


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
    assert record["attributes"]["SentTimestamp"].isdecimal()
    assert record["messageId"]
    assert record["receiptHandle"]


def test_only_messages_reported_as_failed_are_redelivered(harness: Harness) -> None:
    """The others are deleted."""
    harness.send("a", "b", "c")
    harness.respond = report("b")
    source = harness.source()
    source.poll()
    assert harness.count() == 1
    harness.expire_visibility()
    source.poll()
    assert harness.batches[1] == ["b"]
    assert harness.events[1]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"


def test_a_failed_message_is_not_redelivered_before_its_visibility_timeout(
    harness: Harness,
) -> None:
    harness.send("a")
    harness.respond = report("a")
    source = harness.source()
    assert source.poll() == 1
    assert source.poll() == 0


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


def test_a_message_that_fails_too_often_moves_to_the_dead_letter_queue(harness: Harness) -> None:
    """The queue allows two receives."""
    harness.send("a", "b")
    harness.respond = report("a")
    source = harness.source()
    for _ in range(3):
        source.poll()
        harness.expire_visibility()
    assert harness.count() == 0
    assert harness.count(harness.dead) == 1
    assert [batch.count("a") for batch in harness.batches] == [1, 1]
