"""Works through a batch of deliveries: one call of the model, one update per task."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from functions.worker.errors import Permanent, Transient
from functions.worker.verdicts import Again, HandedOver, measure
from tasks.delivery import read_event
from tasks.errors import Unavailable
from tasks.model import ErrorType, Outcome, Status, TaskError, Work
from tasks.service import deadline_exceeded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from functions.worker.documents import Finished
    from functions.worker.verdicts import Verdict
    from tasks.delivery import Delivery
    from tasks.model import JsonObject, TaskMessage
    from tasks.queue import TaskQueue
    from tasks.store import TaskStore
    from tasks.telemetry import Telemetry

MAX_RETRIES: Final = 3
FIRST_BACKOFF: Final = 2  # seconds
# What is left of the function's time when nothing further is begun: more than one call of AWS may
# take with its retry.
TIME_GUARD: Final = 5.0  # seconds
WRITERS: Final = 8

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """What the worker works with.

    Attributes:
        suggest: answers a batch of inputs, in their order; raises `Transient` or `Permanent`.
        read: works on a document, and returns None if it handed it over; raises the same.
        store: where outcomes are written.
        queues: the queues by name, to say when a message comes again.
        clock: the time in seconds since the epoch.
        random: the source of the jitter.
        telemetry: where measurements go.
        engine: the name of what runs the network.
        gigabytes: the memory that the function has, which Lambda bills by the second.
    """

    suggest: Callable[[Sequence[JsonObject]], list[JsonObject]]
    read: Callable[[TaskMessage, Callable[[], float]], Finished | None]
    store: TaskStore
    queues: Mapping[str, TaskQueue]
    clock: Callable[[], float]
    random: Random
    telemetry: Telemetry
    engine: str
    gigabytes: float

    def run(self, event: object, remaining: Callable[[], float]) -> list[str]:
        """Work through an SQS event and return the ids of the messages that must come again.

        Args:
            event: the event as Lambda hands it over.
            remaining: returns the seconds until Lambda ends this invocation.
        """
        started = self.clock()
        deliveries, unreadable = read_event(event)
        if not deliveries:
            return unreadable
        verdicts = self._judge(deliveries, remaining)
        measure(self.telemetry, deliveries, verdicts)
        work = partial(self._work, started, len(deliveries))
        settle = partial(self._settle, work=work, remaining=remaining)
        with ThreadPoolExecutor(WRITERS) as pool:
            settled = list(pool.map(settle, deliveries, verdicts))
        pairs = zip(deliveries, settled, strict=True)
        return unreadable + [delivery.message_id for delivery, done in pairs if not done]

    def _judge(
        self, deliveries: Sequence[Delivery], remaining: Callable[[], float]
    ) -> list[Verdict]:
        now = self.clock()
        drinks = [d for d in deliveries if now < d.message.deadline and not _is_document(d)]
        answered = iter(self._compute(drinks, remaining))

        def verdict(delivery: Delivery) -> Verdict:
            if now >= delivery.message.deadline:
                return self._outcome(delivery, now, Status.FAIL, error=deadline_exceeded())
            return self._read(delivery, remaining) if _is_document(delivery) else next(answered)

        return [verdict(delivery) for delivery in deliveries]

    def _read(self, delivery: Delivery, remaining: Callable[[], float]) -> Verdict:
        """Work on a document, if it is not final: its work is worth a look at its row."""
        if remaining() < TIME_GUARD:
            return Again(0)
        began = self.clock()
        try:
            row = self.store.get(delivery.message.task_id)
            is_open = row is not None and not row.is_final
            finished = self.read(delivery.message, remaining) if is_open else None
        except Permanent as error:
            return self._failure(delivery, error, began)
        except Exception as error:  # the fault is not the document's: it comes again
            if isinstance(error, Transient) and not _may_be_retried(delivery):
                return self._failure(delivery, error, began)
            logger.exception("A document comes again", extra=_fields(delivery))
            return Again(self._backoff(min(delivery.receive_count, MAX_RETRIES)))
        if finished is None:
            return HandedOver()
        gb_seconds = round(self.gigabytes * finished.seconds, 6)
        return replace(
            self._outcome(delivery, finished.started_at, Status.SUCCESS, result=finished.result),
            work=Work(1, self.engine, gb_seconds),
        )

    def _compute(
        self, deliveries: Sequence[Delivery], remaining: Callable[[], float]
    ) -> list[Verdict]:
        """Answer the deliveries in one call; halve them until a poisoned one stands alone."""
        if not deliveries:
            return []
        if remaining() < TIME_GUARD:
            return [Again(0)] * len(deliveries)
        started = self.clock()
        try:
            results = self.suggest([delivery.message.input for delivery in deliveries])
            pairs = list(zip(deliveries, results, strict=True))
        except Exception as error:  # noqa: BLE001 - whatever a model raises, it ends one task only
            if isinstance(error, Transient) and all(map(_may_be_retried, deliveries)):
                return [Again(self._backoff(delivery.receive_count)) for delivery in deliveries]
            if len(deliveries) == 1:
                return [self._failure(deliveries[0], error, started)]
            half = len(deliveries) // 2
            first = self._compute(deliveries[:half], remaining)
            return first + self._compute(deliveries[half:], remaining)
        return [
            self._outcome(delivery, started, Status.SUCCESS, result=result)
            for delivery, result in pairs
        ]

    def _failure(self, delivery: Delivery, error: Exception, started: float) -> Outcome:
        if isinstance(error, Permanent):
            failed = error.error
        elif isinstance(error, Transient):
            failed = TaskError(
                ErrorType.MAX_RETRIES_EXCEEDED,
                f"The model could not answer, and the task came {delivery.receive_count} times; "
                "submit the drink again.",
                retryable=True,
            )
        else:
            logger.error("The model failed", exc_info=error, extra=_fields(delivery))
            failed = TaskError(
                ErrorType.PREDICTION_FAILED, "The model cannot answer this drink.", retryable=False
            )
        return self._outcome(delivery, started, Status.FAIL, error=failed)

    def _outcome(
        self,
        delivery: Delivery,
        started: float,
        status: Status,
        *,
        result: JsonObject | None = None,
        error: TaskError | None = None,
    ) -> Outcome:
        return Outcome(
            status, self.clock(), started, result, error, attempts=delivery.receive_count
        )

    def _backoff(self, receive_count: int) -> int:
        """Return 2 to 3 s after the first attempt, 4 to 6 s after the second, 8 to 12 s then."""
        shortest: int = FIRST_BACKOFF * 2 ** (receive_count - 1)
        return shortest + self.random.randint(0, shortest // 2)

    def _work(self, started: float, batch_size: int) -> Work:
        """Return an equal share of the batch's time until now, for each of its tasks."""
        gb_seconds = self.gigabytes * (self.clock() - started) / batch_size
        return Work(batch_size, self.engine, round(gb_seconds, 6))

    def _settle(
        self,
        delivery: Delivery,
        verdict: Verdict,
        *,
        work: Callable[[], Work],
        remaining: Callable[[], float],
    ) -> bool:
        """Write the verdict; True if the message may be deleted.

        What cannot be written comes again after its visibility timeout, so that the receives that
        a message has outlast a table that is gone for minutes. Without time nothing is written, but
        for a document, whose work would be lost.
        """
        is_guarded = isinstance(verdict, Outcome) and not _is_document(delivery)
        if is_guarded and remaining() < TIME_GUARD:
            return False
        try:
            if isinstance(verdict, Outcome):
                outcome = replace(verdict, work=verdict.work or work())
                if not self.store.finish(delivery.message.task_id, outcome):
                    logger.info("It was final already", extra=_fields(delivery))
                return True
            if isinstance(verdict, HandedOver):
                return True
            self._postpone(delivery, verdict.seconds)
        except Unavailable:
            logger.warning("No outcome could be written", extra=_fields(delivery))
        except Exception:
            logger.exception("No outcome could be written", extra=_fields(delivery))
        return False

    def _postpone(self, delivery: Delivery, seconds: int) -> None:
        try:
            self.queues[delivery.queue].postpone(delivery.receipt_handle, seconds)
        except (Unavailable, KeyError):
            # The message then comes again after its visibility timeout.
            logger.warning("The message could not be postponed", extra=_fields(delivery))


def _is_document(delivery: Delivery) -> bool:
    return "document" in delivery.message.input


def _may_be_retried(delivery: Delivery) -> bool:
    return delivery.receive_count <= MAX_RETRIES


def _fields(delivery: Delivery) -> dict[str, str | int]:
    """Return what every log line about a task has; nothing of its input."""
    return {"task_id": delivery.message.task_id, "receive_count": delivery.receive_count}
