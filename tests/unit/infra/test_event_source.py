"""The event source does what Lambda's poller does, against a queue that does what SQS does."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from infra.local.deployment import EventSourceMapping
from infra.local.event_source import EventSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.local.event_source import LocalContext


ARN = "arn:aws:sqs:us-east-1:123456789012"


class Clock:
    """A clock that moves by a step at each look."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 100.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class Line:
    """A queue with a dead-letter queue behind it, and a handler that records its events."""

    def __init__(self) -> None:
        self.sqs: Any = boto3.client("sqs")
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        policy = json.dumps({"deadLetterTargetArn": f"{ARN}:dead", "maxReceiveCount": "2"})
        self.url = self.sqs.create_queue(
            QueueName="tasks", Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "30"}
        )["QueueUrl"]
        self.batches: list[list[str]] = []
        self.events: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], Any] = lambda _: None
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
        return self.answer(event)

    def left(self, url: str | None = None) -> int:
        """Return how many messages are in the queue, hidden or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url or self.url, AttributeNames=names)
        return sum(int(value) for value in answer["Attributes"].values())

    def reveal(self) -> None:
        """Make every message visible again, as if its visibility timeout had passed."""
        handles = [r["receiptHandle"] for event in self.events for r in event["Records"]]
        for handle in handles:
            with suppress(self.sqs.exceptions.ReceiptHandleIsInvalid):  # it was deleted
                self.sqs.change_message_visibility(
                    QueueUrl=self.url, ReceiptHandle=handle, VisibilityTimeout=0
                )


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Line()


def failing(*bodies: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return an answer that reports the messages of these bodies."""

    def answer(event: dict[str, Any]) -> dict[str, Any]:
        ids = [r["messageId"] for r in event["Records"] if r["body"] in bodies]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in ids]}

    return answer


def test_a_batch_that_succeeds_is_deleted(line: Line) -> None:
    """What the function took without complaint is gone from the queue."""
    line.send("a", "b", "c")
    assert line.source().poll() == 3
    assert sorted(line.batches[0]) == ["a", "b", "c"]
    assert line.left() == 0


def test_no_event_holds_more_than_a_batch(line: Line) -> None:
    """A batch is as large as the mapping says, and the rest waits for the next."""
    line.send(*"abcde")
    source = line.source(batch_size=2)
    assert [source.poll() for _ in range(3)] == [2, 2, 1]


def test_a_window_gathers_more_than_one_receive_can(line: Line) -> None:
    """With a window, a batch may exceed the ten messages of one receive."""
    line.send(*(str(number) for number in range(25)))
    assert line.source(batch_size=100, window=1).poll() == 25


def test_an_open_window_is_waited_out_without_haste(line: Line) -> None:
    """With one message there, the queue is looked at now and then until the window closes."""
    line.send("a")
    assert line.source(batch_size=100, window=1).poll() == 1
    assert 10 <= len(line.pauses) <= 25


def test_without_a_window_a_batch_is_what_is_there(line: Line) -> None:
    """A mapping without a window calls the function after the first receive."""
    line.send(*(str(number) for number in range(25)))
    assert line.source(batch_size=100).poll() == 10


def test_an_event_is_what_lambda_sends(line: Line) -> None:
    """A record has the fields, and the spelling, of Lambda's."""
    line.send("a")
    line.source().poll()
    [record] = line.events[0]["Records"]
    assert record["body"] == "a"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:tasks"
    assert record["awsRegion"] == "us-east-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["SentTimestamp"].isdecimal()
    assert record["messageId"]
    assert record["receiptHandle"]


def test_only_what_is_reported_comes_again(line: Line) -> None:
    """A partial failure keeps the reported messages and deletes the others."""
    line.send("a", "b", "c")
    line.answer = failing("b")
    source = line.source()
    source.poll()
    assert line.left() == 1
    line.reveal()
    source.poll()
    assert line.batches[1] == ["b"]
    assert line.events[1]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"


def test_a_message_is_hidden_while_it_is_worked_on(line: Line) -> None:
    """A failed message does not come again before its visibility timeout."""
    line.send("a")
    line.answer = failing("a")
    source = line.source()
    assert source.poll() == 1
    assert source.poll() == 0


def test_reports_count_only_where_the_mapping_says_so(line: Line) -> None:
    """Without ReportBatchItemFailures the answer is not read."""
    line.send("a")
    line.answer = failing("a")
    line.source(reports=False).poll()
    assert line.left() == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": "nobody"}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{}]},
        {"batchItemFailures": [7]},
    ],
)
def test_an_answer_that_lambda_cannot_read_fails_the_batch(line: Line, answer: Any) -> None:
    """Lambda treats the whole batch as failed, and so does this."""
    line.send("a", "b")
    line.answer = lambda _: answer
    line.source().poll()
    assert line.left() == 2


@pytest.mark.parametrize(
    "answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}]
)
def test_an_empty_answer_is_a_success(line: Line, answer: Any) -> None:
    """These are the answers that Lambda takes for a complete success."""
    line.send("a")
    line.answer = lambda _: answer
    line.source().poll()
    assert line.left() == 0


def test_a_crash_fails_the_batch(line: Line) -> None:
    """What a handler raises costs no message."""

    def crash(_: object) -> None:
        raise ZeroDivisionError

    line.send("a", "b")
    line.answer = crash
    assert line.source().poll() == 2
    assert line.left() == 2


def test_an_answer_after_the_timeout_counts_for_nothing(line: Line) -> None:
    """Lambda would have ended the function before: its batch comes again."""

    def dawdle(_: object) -> None:
        line.clock.now += 16

    line.send("a")
    line.answer = dawdle
    line.source().poll()
    assert line.left() == 1


def test_what_fails_too_often_comes_to_the_dead_letters(line: Line) -> None:
    """After the queue's receive count a message is moved, not handed out."""
    line.send("a", "b")
    line.answer = failing("a")
    source = line.source()
    for _ in range(3):
        source.poll()
        line.reveal()
    assert line.left() == 0
    assert line.left(line.dead) == 1
    assert [batch.count("a") for batch in line.batches] == [1, 1]
