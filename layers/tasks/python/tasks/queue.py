"""Where the messages of tasks wait: the port, and SQS behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from tasks import aws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.model import TaskMessage

SEND_BATCH_LIMIT: Final = 10
WAITING: Final = "ApproximateNumberOfMessages"
IN_FLIGHT: Final = "ApproximateNumberOfMessagesNotVisible"
DELAYED: Final = "ApproximateNumberOfMessagesDelayed"


class TaskQueue(Protocol):
    """One queue of tasks. Every method raises `Unavailable` when the queue does not answer."""

    def send(self, messages: Sequence[TaskMessage]) -> None:
        """Put messages in the queue. When it raises, some of them may be there."""

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        """Let a message that was received come again in that many seconds (0 to 43,200)."""

    def length(self) -> tuple[int, int]:
        """Return about how many messages wait, and how many are in flight."""


class SqsTaskQueue:
    """An SQS standard queue."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, messages: Sequence[TaskMessage]) -> None:
        """Send one message with SendMessage, several with SendMessageBatch."""
        bodies = [message.encode() for message in messages]
        with aws.translated_errors():
            if len(bodies) == 1:
                self._client.send_message(QueueUrl=self._url, MessageBody=bodies[0])
                return
            for start in range(0, len(bodies), SEND_BATCH_LIMIT):
                aws.until_accepted(self._send_batch, bodies[start : start + SEND_BATCH_LIMIT])

    def _send_batch(self, bodies: list[str]) -> list[str]:
        entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]
        answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
        return [bodies[int(failure["Id"])] for failure in answer.get("Failed", [])]

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        """Change the visibility timeout of the message."""
        with aws.translated_errors():
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )

    def length(self) -> tuple[int, int]:
        """Ask SQS, whose answer may be a minute old. A postponed message counts as in flight."""
        names = [WAITING, IN_FLIGHT, DELAYED]
        with aws.translated_errors():
            answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        found = {name: int(value) for name, value in answer["Attributes"].items()}
        return found[WAITING] + found[DELAYED], found[IN_FLIGHT]
