"""One delivery of a message, as Lambda hands it to a function: a record of an SQS event."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.errors import MessageUnreadable
from tasks.model import TaskMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that was received for the `receive_count`-th time from the queue of that name."""

    message_id: str
    receipt_handle: str
    receive_count: int
    queue: str
    message: TaskMessage

    @classmethod
    def read(cls, record: Any) -> Delivery:
        """Read a record of an SQS event.

        Raises:
            MessageUnreadable: the record or its body is not what this version can read.
        """
        try:
            return cls(
                message_id=str(record["messageId"]),
                receipt_handle=str(record["receiptHandle"]),
                receive_count=int(record["attributes"]["ApproximateReceiveCount"]),
                queue=str(record["eventSourceARN"]).rpartition(":")[2],
                message=TaskMessage.decode(str(record["body"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise MessageUnreadable("The record lacks a field of an SQS event.") from error


def read_event(event: Any) -> tuple[list[Delivery], list[str]]:
    """Read an SQS event into its deliveries, and the message ids of those that are unreadable.

    The unreadable ones must not be acknowledged: they belong in the dead-letter queue, until code
    that reads them is deployed. Why each is unreadable is logged, without its content.
    """
    records = event.get("Records") if isinstance(event, dict) else None
    deliveries: list[Delivery] = []
    unreadable: list[str] = []
    for record in records if isinstance(records, list) else []:
        try:
            deliveries.append(Delivery.read(record))
        except MessageUnreadable as error:
            message_id = record.get("messageId") if isinstance(record, dict) else None
            # No traceback: it could show what is in the message.
            fields = {"message_id": message_id}
            logger.error("A message is unreadable and stays: %s", error, extra=fields)  # noqa: TRY400
            if isinstance(message_id, str):
                unreadable.append(message_id)
    return deliveries, unreadable


def failures_response(message_ids: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """Return what tells Lambda that these messages must come again, and only these."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}
