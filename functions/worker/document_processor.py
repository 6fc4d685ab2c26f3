"""The processor of documents: one document per batch, continued by message if time runs out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from functions.worker.dispositions import UNREADABLE_BACKOFF, Continued, Retry
from functions.worker.failures import Permanent, Transient, Unreadable
from functions.worker.processors import log_fields
from functions.worker.task_processor import retries_exceeded
from tasks.ports import SAFETY_MARGIN
from tasks.task import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.worker.dispositions import Disposition, RetryPolicy
    from functions.worker.document_reader import FinishedDocument
    from functions.worker.metrics import UsageMeter
    from tasks.aws.events import Delivery
    from tasks.messages import TaskMessage
    from tasks.ports import TaskQueue, TaskStore
    from tasks.task import TaskError

VISIBILITY_MARGIN: Final = 30  # seconds

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DocumentProcessor:
    """Processes documents.

    Attributes:
        read: works on one document, like `DocumentReader.run`.
        store: the table; a document that is already final is not worked on.
        queue: the queue of documents.
        retries: decides whether and when a task is retried.
        clock: returns the time in seconds since the epoch.
        meter: computes the usage of a task.
    """

    read: Callable[[TaskMessage, Callable[[], float]], FinishedDocument | None]
    store: TaskStore
    queue: TaskQueue
    retries: RetryPolicy
    clock: Callable[[], float]
    meter: UsageMeter

    def process(
        self, deliveries: Sequence[Delivery], remaining: Callable[[], float]
    ) -> list[Disposition]:
        """Process the documents one after another."""
        return [self._process(delivery, remaining) for delivery in deliveries]

    def _process(self, delivery: Delivery, remaining: Callable[[], float]) -> Disposition:
        if remaining() < SAFETY_MARGIN:
            return Retry(0)
        started = self.clock()
        try:
            finished = self._read(delivery, remaining)
        except Permanent as error:
            return self._failure(delivery, started, error.error)
        except Exception as error:
            if isinstance(error, Transient) and not self.retries.allows_retry(delivery):
                return self._failure(delivery, started, retries_exceeded(delivery))
            # The fault may not be the document's, so it is retried until its receives run out.
            logger.exception("The document is retried", extra=log_fields(delivery))
            is_unreadable = isinstance(error, Unreadable)
            return Retry(UNREADABLE_BACKOFF) if is_unreadable else self.retries.retry(delivery)
        if finished is None:
            return Continued()
        return Outcome(
            Status.SUCCESS,
            self.clock(),
            finished.started_at,
            finished.result,
            attempts=delivery.receive_count,
            usage=self.meter.usage(finished.seconds),
        )

    def _read(self, delivery: Delivery, remaining: Callable[[], float]) -> FinishedDocument | None:
        """Work on the document, unless the task is already final."""
        row = self.store.get(delivery.message.task_id)
        if row is None or row.is_final:
            return None
        self._shorten_visibility(delivery, remaining)
        return self.read(delivery.message, remaining)

    def _shorten_visibility(self, delivery: Delivery, remaining: Callable[[], float]) -> None:
        """Let the message return soon after this invocation ends, in case it is killed.

        The queue's visibility timeout is six times the function's timeout, as Lambda recommends:
        far longer than a killed worker should cost.
        """
        seconds = int(remaining()) + VISIBILITY_MARGIN
        try:
            self.queue.change_visibility(delivery.receipt_handle, seconds)
        except Exception:
            # The document can be processed all the same.
            logger.exception("The visibility could not be shortened", extra=log_fields(delivery))

    def _failure(self, delivery: Delivery, started: float, error: TaskError) -> Outcome:
        return Outcome(
            Status.FAIL,
            self.clock(),
            started,
            error=error,
            attempts=delivery.receive_count,
        )
