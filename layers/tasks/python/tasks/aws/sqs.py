"""The queues of tasks on SQS."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tasks.aws.client import refuse_sender_faults, retry_unprocessed, translate_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.messages import TaskMessage

SEND_BATCH_LIMIT: Final = 10
WAITING: Final = "ApproximateNumberOfMessages"
IN_FLIGHT: Final = "ApproximateNumberOfMessagesNotVisible"
DELAYED: Final = "ApproximateNumberOfMessagesDelayed"


class SqsTaskQueue:
    """An SQS standard queue.

    Each message has its owner as `MessageGroupId`, so SQS treats it as a fair queue: if one owner
    takes a large share of the workers, the messages of the others are delivered first.

    Args:
        client: a boto3 client of SQS.
        url: the URL of the queue.
        pause: waits for a number of seconds before a repetition.
    """

    def __init__(self, client: Any, url: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._url = url
        self._pause = pause

    def send(self, messages: Sequence[TaskMessage]) -> None:
        """Send one message with SendMessage, several with SendMessageBatch."""
        sends: list[dict[str, Any]] = [
            {"MessageBody": message.encode(), "MessageGroupId": message.owner}
            for message in messages
        ]
        send_all(self._client, self._url, sends, self._pause)

    def change_visibility(self, receipt_handle: str, seconds: int) -> None:
        """Change the visibility timeout of the message."""
        with translate_errors():
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )

    def length(self) -> tuple[int, int]:
        """Ask SQS, whose figures may be a minute old. A scheduled retry counts as in flight."""
        names = [WAITING, IN_FLIGHT, DELAYED]
        with translate_errors():
            answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        found = {name: int(value) for name, value in answer["Attributes"].items()}
        return found[WAITING] + found[DELAYED], found[IN_FLIGHT]


def send_all(
    client: Any, url: str, sends: list[dict[str, Any]], pause: Callable[[float], None]
) -> None:
    """Send one message with SendMessage, several with SendMessageBatch.

    Args:
        client: a boto3 client of SQS.
        url: the URL of the queue.
        sends: the parameters of each message.
        pause: waits for a number of seconds before a repetition.

    Raises:
        Unavailable: SQS did not answer, or did not process all messages.
    """
    with translate_errors():
        if len(sends) == 1:
            client.send_message(QueueUrl=url, **sends[0])
            return
        for start in range(0, len(sends), SEND_BATCH_LIMIT):
            batch = sends[start : start + SEND_BATCH_LIMIT]
            retry_unprocessed(partial(_send_batch, client, url), batch, pause)


def _send_batch(client: Any, url: str, sends: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send messages and return those that SQS did not process.

    Raises:
        ClientError: SQS refused a message that it would refuse again.
    """
    entries = [{"Id": str(index), **send} for index, send in enumerate(sends)]
    answer = client.send_message_batch(QueueUrl=url, Entries=entries)
    failed = answer.get("Failed", [])
    refuse_sender_faults(failed, "SendMessageBatch")
    return [sends[int(failure["Id"])] for failure in failed]
