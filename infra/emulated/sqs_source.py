"""An SQS queue as the source of an event source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra.local.event_source import EventSource, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from infra.local.definitions import Function
    from infra.local.event_source import LocalContext

LIMIT: Final = 10  # messages in one call of SQS
ATTRIBUTES: Final = ["ApproximateReceiveCount", "SentTimestamp"]


class SqsSource:
    """A queue that is polled with boto3."""

    def __init__(self, sqs: Any, queue_name: str) -> None:
        self._sqs = sqs
        self._url = sqs.get_queue_url(QueueName=queue_name)["QueueUrl"]

    def receive(self, maximum: int, wait: float) -> list[Message]:
        """Receive up to ten messages; wait up to that many whole seconds for a first one."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(maximum, LIMIT),
            WaitTimeSeconds=int(wait),
            AttributeNames=ATTRIBUTES,
        )
        return [_read(message) for message in answer.get("Messages", ())]

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete the messages, ten with each call."""
        for chunk in _chunks(messages):
            entries = [
                {"Id": str(index), "ReceiptHandle": message.receipt_handle}
                for index, message in enumerate(chunk)
            ]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)


def event_sources(
    sqs: Any, function: Function, handler: Callable[[dict[str, Any], LocalContext], Any]
) -> Iterator[EventSource]:
    """Connect a function's handler with each queue that the template gives it."""
    for mapping in function.event_sources:
        yield EventSource(
            SqsSource(sqs, mapping.queue_name),
            mapping,
            handler,
            function_name=function.name,
            timeout=function.timeout,
        )


def _read(message: dict[str, Any]) -> Message:
    return Message(
        message_id=message["MessageId"],
        receipt_handle=message["ReceiptHandle"],
        body=message["Body"],
        receive_count=int(message["Attributes"]["ApproximateReceiveCount"]),
        sent_at=int(message["Attributes"]["SentTimestamp"]) / 1000,
    )


def _chunks(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    return (messages[start : start + LIMIT] for start in range(0, len(messages), LIMIT))
