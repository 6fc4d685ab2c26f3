"""SQS events: Lambda invokes a function with one, and reads its response."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from tasks.errors import MessageUnreadable
from tasks.messages import TaskMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

M = TypeVar("M")


class LambdaContext(Protocol):
    """The part of Lambda's context object that the functions use."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends this invocation."""


@dataclass(frozen=True, slots=True)
class Received(Generic[M]):
    """A delivery of a message: a record of an SQS event. `queue` is the name of the queue."""

    message_id: str
    receipt_handle: str
    receive_count: int
    queue: str
    message: M

    @classmethod
    def read(cls, record: Any, decode: Callable[[str], M]) -> Received[M]:
        """Read a record of an SQS event, whose body `decode` reads.

        Raises:
            MessageUnreadable: this version of the code cannot read the record or its body.
        """
        try:
            return cls(
                message_id=str(record["messageId"]),
                receipt_handle=str(record["receiptHandle"]),
                receive_count=int(record["attributes"]["ApproximateReceiveCount"]),
                queue=str(record["eventSourceARN"]).rpartition(":")[2],
                message=decode(str(record["body"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise MessageUnreadable("The record lacks a field of an SQS event.") from error


Delivery: TypeAlias = Received[TaskMessage]


def read_event(event: Any) -> tuple[list[Delivery], list[str]]:
    """Return the deliveries of the messages of tasks; see `read_messages`."""
    return read_messages(event, TaskMessage.decode)


def read_messages(event: Any, decode: Callable[[str], M]) -> tuple[list[Received[M]], list[str]]:
    """Return the deliveries of an SQS event, and the message ids of its unreadable records.

    `decode` reads the bodies, and raises `MessageUnreadable` for those that it cannot read.

    An unreadable message must not be acknowledged: it moves to the dead-letter queue and stays
    available until code is deployed that can read it. The reason is logged without the content.
    An event that is not from SQS, such as one that keeps the function warm, has neither.
    """
    records = event.get("Records") if isinstance(event, dict) else None
    deliveries: list[Received[M]] = []
    unreadable: list[str] = []
    if not isinstance(records, list):
        logger.info("The event is not from SQS; nothing was done.")
        return deliveries, unreadable
    for record in records:
        try:
            deliveries.append(Received.read(record, decode))
        except MessageUnreadable as error:
            message_id = record.get("messageId") if isinstance(record, dict) else None
            # There is no traceback, because it could show the content of the message.
            logger.error(  # noqa: TRY400
                "A message is unreadable and was not acknowledged: %s",
                error,
                extra={"message_id": message_id},
            )
            if isinstance(message_id, str):
                unreadable.append(message_id)
    return deliveries, unreadable


def remaining_time(context: LambdaContext) -> Callable[[], float]:
    """Return a function that returns the seconds until Lambda ends this invocation."""
    return lambda: context.get_remaining_time_in_millis() / 1000


def failures_response(message_ids: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """Return the response that makes Lambda keep these messages and delete all others."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}
