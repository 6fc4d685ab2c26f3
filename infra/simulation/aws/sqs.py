"""The operations of SQS."""
# ruff: noqa: N803 - the parameters have AWS's names

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra.simulation.aws.errors import ServiceError
from infra.simulation.aws.queue import MAX_BATCH, MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from infra.simulation.aws.queue import Queue


class SimulatedSqs:
    """The queues by URL: each method is an operation of SQS."""

    service: Final = "sqs"

    def __init__(self, queues: Mapping[str, Queue]) -> None:
        self._queues = queues

    def _queue(self, url: str) -> Queue:
        if url not in self._queues:
            raise ServiceError("AWS.SimpleQueueService.NonExistentQueue")
        return self._queues[url]

    def send_message(
        self, *, QueueUrl: str, MessageBody: str, MessageGroupId: str = "", DelaySeconds: int = 0
    ) -> dict[str, Any]:
        """Send a message."""
        queue = self._queue(QueueUrl)
        return {"MessageId": queue.send(MessageBody, MessageGroupId, DelaySeconds)}

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Any]) -> dict[str, Any]:
        """Send up to ten messages of 256 KB together; each may fail on its own."""
        queue = self._queue(QueueUrl)
        if not 1 <= len(Entries) <= MAX_BATCH:
            raise ServiceError("AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
        if len({entry["Id"] for entry in Entries}) < len(Entries):
            raise ServiceError("AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
        if sum(len(entry["MessageBody"].encode()) for entry in Entries) > MAX_BYTES:
            raise ServiceError("AWS.SimpleQueueService.BatchRequestTooLong")
        sent: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for entry in Entries:
            try:
                message_id = queue.send(
                    entry["MessageBody"],
                    entry.get("MessageGroupId", ""),
                    entry.get("DelaySeconds", 0),
                )
            except ServiceError as error:
                failed.append({"Id": entry["Id"], "Code": error.code, "SenderFault": True})
            else:
                sent.append({"Id": entry["Id"], "MessageId": message_id})
        return {"Successful": sent, **({"Failed": failed} if failed else {})}

    def change_message_visibility(
        self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int
    ) -> dict[str, Any]:
        """Change the visibility timeout of a message that is in flight."""
        self._queue(QueueUrl).change_visibility(ReceiptHandle, VisibilityTimeout)
        return {}

    def get_queue_attributes(
        self, *, QueueUrl: str, AttributeNames: Sequence[str]
    ) -> dict[str, Any]:
        """Return the lengths of a queue."""
        visible, in_flight = self._queue(QueueUrl).lengths()
        lengths: dict[str, Callable[[], int]] = {
            "ApproximateNumberOfMessages": lambda: visible,
            "ApproximateNumberOfMessagesNotVisible": lambda: in_flight,
            "ApproximateNumberOfMessagesDelayed": lambda: 0,
        }
        return {"Attributes": {name: str(lengths[name]()) for name in AttributeNames}}
