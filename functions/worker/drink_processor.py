"""The processor of single drinks: one call of the model for a whole batch."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.worker.dispositions import Retry
from functions.worker.failures import Permanent, ProcessingError, Transient
from suggester.errors import MaskEmpty, RequestInvalid
from suggester.requests import Request
from tasks.failure_log import log_failures
from tasks.ports import SAFETY_MARGIN
from tasks.task import ErrorType, Outcome, Status, TaskError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.worker.dispositions import Disposition, RetryPolicy
    from suggester.suggester import Suggester
    from tasks.aws.events import Delivery
    from tasks.task import JsonObject

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DrinkProcessor:
    """Processes drinks.

    Attributes:
        answer: answers a batch of inputs in their order; raises `Transient` or `Permanent`.
        retries: decides whether and when a task is retried.
        clock: returns the time in seconds since the epoch.
    """

    answer: Callable[[Sequence[JsonObject]], list[JsonObject]]
    retries: RetryPolicy
    clock: Callable[[], float]

    def process(
        self, deliveries: Sequence[Delivery], remaining: Callable[[], float]
    ) -> list[Disposition]:
        """Answer the deliveries in one call, and bisect the batch if the call fails.

        A task that makes the model fail thus fails alone. After a transient failure the whole batch
        is retried, but a batch with a task on its last attempt is bisected, so that one task's last
        attempt is never used up by another task's failure.
        """
        failures: list[tuple[str, Exception]] = []
        dispositions = self._process(deliveries, remaining, failures)
        log_failures(logger, "The model failed", failures)
        return dispositions

    def _process(
        self,
        deliveries: Sequence[Delivery],
        remaining: Callable[[], float],
        failures: list[tuple[str, Exception]],
    ) -> list[Disposition]:
        if remaining() < SAFETY_MARGIN:
            return [Retry(0)] * len(deliveries)
        started = self.clock()
        try:
            results = self.answer([delivery.message.input for delivery in deliveries])
            pairs = list(zip(deliveries, results, strict=True))
        except Exception as error:  # noqa: BLE001 - any error of a model ends only one task
            failure = error
        else:
            return [
                self._outcome(delivery, started, Status.SUCCESS, result=result)
                for delivery, result in pairs
            ]
        if isinstance(failure, Transient) and all(map(self.retries.allows_retry, deliveries)):
            return [self.retries.retry(delivery) for delivery in deliveries]
        if len(deliveries) == 1:
            if not isinstance(failure, ProcessingError):
                failures.append((deliveries[0].message.task_id, failure))
            task_error = _task_error(deliveries[0], failure)
            return [self._outcome(deliveries[0], started, Status.FAIL, error=task_error)]
        half = len(deliveries) // 2
        first = self._process(deliveries[:half], remaining, failures)
        return first + self._process(deliveries[half:], remaining, failures)

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


def _task_error(delivery: Delivery, error: Exception) -> TaskError:
    if isinstance(error, Permanent):
        return error.error
    if isinstance(error, Transient):
        return retries_exceeded(delivery)
    detail = "The model cannot answer this drink."
    return TaskError(ErrorType.PREDICTION_FAILED, detail, retryable=False)


def retries_exceeded(delivery: Delivery) -> TaskError:
    """Return the error of a task whose last attempt failed for a transient reason."""
    return TaskError(
        ErrorType.MAX_RETRIES_EXCEEDED,
        f"The task failed {delivery.receive_count} times for a transient reason; "
        "submit it again later.",
        retryable=True,
    )


def answer_with(suggester: Suggester) -> Callable[[Sequence[JsonObject]], list[JsonObject]]:
    """Return a function that answers the inputs of tasks with the suggester."""

    def answer(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        try:
            answers = suggester.answer([Request.from_json(fields) for fields in inputs])
        except MaskEmpty as error:
            raise Permanent(ErrorType.EMPTY_MASK, str(error)) from error
        except RequestInvalid as error:
            raise Permanent(ErrorType.PREDICTION_FAILED, str(error)) from error
        except (OSError, MemoryError) as error:
            raise Transient from error
        return [{**found.to_json(), "model": suggester.version} for found in answers]

    return answer
