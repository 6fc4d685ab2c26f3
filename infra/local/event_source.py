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
from typing import TYPE_CHECKING, Any, Final, Protocol

from tasks.errors import Unavailable

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from infra.local.definitions import EventSourceMapping

PAUSE: Final = 0.05  # seconds between two receives while a window is open
WAIT: Final = 1.0  # seconds that a receive waits for a first message, and so the longest shutdown

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """A received message."""

    message_id: str
    receipt_handle: str
    body: str
    receive_count: int
    sent_at: float  # seconds since the epoch
    group: str = ""


class MessageSource(Protocol):
    """A queue from which an event source receives."""

    def receive(self, maximum: int, wait: float) -> Sequence[Message]:
        """Return up to `maximum` messages; wait that many seconds for a first one."""

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete received messages."""


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
        queue: MessageSource,
        mapping: EventSourceMapping,
        handler: Callable[[dict[str, Any], LocalContext], Any],
        *,
        function_name: str,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._queue = queue
        self._mapping = mapping
        self._handler = handler
        self._function_name = function_name
        self._timeout = timeout
        self._clock = clock
        self._pause = pause

    def run(self, stop: threading.Event) -> None:
        """Poll until `stop` is set; a batch that has started is finished."""
        while not stop.is_set():
            try:
                self.poll()
            except Exception as error:  # noqa: BLE001 - the poll will be repeated
                if stop.is_set():
                    return
                self._log_failure(error)
                stop.wait(WAIT)

    def _log_failure(self, error: Exception) -> None:
        # A full disk or a lost emulator fails every poll; one line says all about it.
        is_fault = not isinstance(error, Unavailable)
        logger.log(
            logging.ERROR if is_fault else logging.WARNING,
            "Polling for %s failed and will be repeated: %s",
            self._function_name,
            error,
            exc_info=error if is_fault else None,
        )

    def poll(self) -> int:
        """Process one batch and return its size, or 0 if there were no messages."""
        messages = self._collect()
        if messages:
            self._process(messages)
        return len(messages)

    def _process(self, messages: list[Message]) -> None:
        self._queue.delete(self._invoke(messages))

    def _collect(self) -> list[Message]:
        """Receive until the batch is full, or its window after the first message has passed."""
        size = self._mapping.batch_size
        messages = list(self._queue.receive(size, WAIT))
        closes = self._clock() + self._mapping.batching_window
        while messages and len(messages) < size and self._clock() < closes:
            more = self._queue.receive(size - len(messages), 0)
            if not more:
                self._pause(PAUSE)
            messages += more
        return messages

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
        ids = {message.message_id for message in messages}
        try:
            failed = {item["itemIdentifier"] for item in response["batchItemFailures"] or ()}
        except (KeyError, TypeError):
            failed = {None}
        if not failed <= ids:
            logger.error("%s returned an invalid response", self._function_name)
            return []
        return [message for message in messages if message.message_id not in failed]

    def _record(self, message: Message) -> dict[str, Any]:
        return {
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.receive_count),
                "SentTimestamp": str(int(message.sent_at * 1000)),
            },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": self._mapping.queue_arn,
            "awsRegion": self._mapping.queue_arn.split(":")[3],
        }
