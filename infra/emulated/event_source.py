"""The poller between a queue and a function, as Lambda's documentation describes it.

It receives messages until a batch is full or its window has passed, invokes the function, and
deletes the messages that the function did not report as failed. The others become visible again
after their visibility timeout. The queue itself counts receives and redrives messages.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from infra.local.definitions import EventSourceMapping

RECEIVE_LIMIT: Final = 10
PAUSE: Final = 0.05  # seconds between two receives while a window is open
# Seconds to wait after a batch that was not full. Messages sent meanwhile form one batch, as they
# would after travelling over a network.
PARTIAL_BATCH_PAUSE: Final = 0.02
WAIT: Final = 1  # seconds that a receive waits for a first message, and so the longest shutdown

logger = logging.getLogger(__name__)

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LocalContext:
    """The context of one invocation, with the parts of Lambda's context that handlers use."""

    function_name: str
    ends_at: float  # according to `clock`
    clock: Callable[[], float] = time.monotonic
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda would end this invocation."""
        return max(0, int((self.ends_at - self.clock()) * 1000))


class EventSource:
    """Feeds one function from one queue."""

    def __init__(
        self,
        sqs: Any,
        mapping: EventSourceMapping,
        handler: Callable[[dict[str, Any], LocalContext], Any],
        *,
        function_name: str,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pause = pause
        self._sqs = sqs
        self._mapping = mapping
        self._handler = handler
        self._function_name = function_name
        self._timeout = timeout
        self._clock = clock
        name = mapping.queue_arn.rpartition(":")[2]
        self._queue_url = sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def run(self, stop: threading.Event) -> None:
        """Poll until `stop` is set; a batch that has started is finished."""
        while not stop.is_set():
            try:
                if 0 < self.poll() < self._mapping.batch_size:
                    stop.wait(PARTIAL_BATCH_PAUSE)
            except Exception:
                if stop.is_set():
                    return
                logger.exception("Polling for %s failed and will be repeated", self._function_name)
                stop.wait(WAIT)

    def poll(self) -> int:
        """Process one batch and return its size, or 0 if there were no messages."""
        messages = self._collect()
        if messages:
            self._delete(self._invoke(messages))
        return len(messages)

    def _collect(self) -> list[Message]:
        """Receive until the batch is full, or its window after the first message has passed."""
        messages = self._receive(self._mapping.batch_size, WAIT)
        closes = self._clock() + self._mapping.batching_window
        while messages and len(messages) < self._mapping.batch_size and self._clock() < closes:
            more = self._receive(self._mapping.batch_size - len(messages), 0)
            if not more:
                self._pause(PAUSE)
            messages += more
        return messages

    def _receive(self, most: int, wait: int) -> list[Message]:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=min(most, RECEIVE_LIMIT),
            WaitTimeSeconds=wait,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        received: list[Message] = answer.get("Messages", [])
        return received

    def _invoke(self, messages: list[Message]) -> list[Message]:
        """Invoke the function and return the messages to delete."""
        ends_at = self._clock() + self._timeout
        event = {"Records": [self._record(message) for message in messages]}
        context = LocalContext(self._function_name, ends_at, self._clock)
        try:
            response = self._handler(event, context)
        except Exception:
            logger.exception("%s failed; its batch will be redelivered", self._function_name)
            return []
        if self._clock() > ends_at:
            logger.error("%s timed out; its batch will be redelivered", self._function_name)
            return []
        return self._done(messages, response)

    def _done(self, messages: list[Message], response: Any) -> list[Message]:
        """Read the response as Lambda does: an invalid one fails the whole batch."""
        if not self._mapping.reports_failures or not response:
            return messages
        ids = {message["MessageId"] for message in messages}
        try:
            failed = {item["itemIdentifier"] for item in response["batchItemFailures"] or ()}
        except (KeyError, TypeError):
            failed = {None}
        if not failed <= ids:
            logger.error(
                "%s returned an invalid response",
                self._function_name,
            )
            return []
        return [message for message in messages if message["MessageId"] not in failed]

    def _delete(self, messages: list[Message]) -> None:
        for chunk in _chunks(messages, RECEIVE_LIMIT):
            entries = [
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(chunk)
            ]
            self._sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)

    def _record(self, message: Message) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": message.get("MessageAttributes", {}),
            "md5OfBody": message.get("MD5OfBody", ""),
            "eventSource": "aws:sqs",
            "eventSourceARN": self._mapping.queue_arn,
            "awsRegion": self._mapping.queue_arn.split(":")[3],
        }


def _chunks(messages: list[Message], size: int) -> Iterator[list[Message]]:
    return (messages[start : start + size] for start in range(0, len(messages), size))
