"""The processor of single inputs: one call of each pipeline for a whole batch."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from functions.worker.dispositions import UNREADABLE_BACKOFF, Retry
from functions.worker.failures import CANNOT_ANSWER, Permanent, Transient, Unreadable
from tasks.failure_log import log_failures
from tasks.ports import SAFETY_MARGIN
from tasks.task import ErrorType, Outcome, Status, TaskError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.worker.dispositions import Disposition, RetryPolicy
    from tasks.aws.events import Delivery
    from tasks.failure_log import Failure
    from tasks.task import JsonObject

    _Question = tuple[int, JsonObject]  # the index of a delivery, and the input of one kind

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaskProcessor:
    """Processes single tasks.

    Attributes:
        answer: answers inputs of one kind in their order; raises `ProcessingError`.
        split: returns the input of each kind that a task asks for.
        retries: decides whether and when a task is retried.
        clock: returns the time in seconds since the epoch.
    """

    answer: Callable[[Sequence[JsonObject]], list[JsonObject]]
    split: Callable[[JsonObject], dict[str, JsonObject]]
    retries: RetryPolicy
    clock: Callable[[], float]

    def process(
        self, deliveries: Sequence[Delivery], remaining: Callable[[], float]
    ) -> list[Disposition]:
        """Answer the deliveries of each kind in one call, and bisect them if the call fails.

        A task that makes a pipeline fail thus fails alone. After a transient failure all tasks of
        the kind are retried, but a batch with a task on its last attempt is bisected, so that one
        task's last attempt is never used up by another task's failure. A task that this worker
        cannot read is kept, because a gradual deployment may have a newer one.
        """
        by_kind: dict[str, list[_Question]] = {}
        inputs = [self.split(delivery.message.input) for delivery in deliveries]
        for index, own in enumerate(inputs):
            for kind, members in own.items():
                by_kind.setdefault(kind, []).append((index, members))
        parts: list[dict[str, Disposition]] = [{} for _ in deliveries]
        failures: list[Failure] = []
        for kind, questions in by_kind.items():
            asked = [(deliveries[index], members) for index, members in questions]
            found = self._process(asked, remaining, failures)
            for (index, _), disposition in zip(questions, found, strict=True):
                parts[index][kind] = disposition
        log_failures(logger, "A pipeline failed", failures)
        return [
            merged({kind: part[kind] for kind in own})
            for part, own in zip(parts, inputs, strict=True)
        ]

    def _process(
        self,
        asked: Sequence[tuple[Delivery, JsonObject]],
        remaining: Callable[[], float],
        failures: list[Failure],
    ) -> list[Disposition]:
        if remaining() < SAFETY_MARGIN:
            return [Retry(0)] * len(asked)
        started = self.clock()
        try:
            results = self.answer([members for _, members in asked])
            pairs = list(zip(asked, results, strict=True))
        except Exception as error:  # noqa: BLE001 - any error of a pipeline ends only one task
            failure = error
        else:
            return [
                self._outcome(delivery, started, Status.SUCCESS, result=result)
                for (delivery, _), result in pairs
            ]
        deliveries = [delivery for delivery, _ in asked]
        if isinstance(failure, Transient) and all(map(self.retries.allows_retry, deliveries)):
            return [self.retries.retry(delivery) for delivery in deliveries]
        if len(asked) == 1:
            if not isinstance(failure, Transient | Permanent):
                failures.append((deliveries[0].message.trace_fields, failure))
            if isinstance(failure, Unreadable):
                return [Retry(UNREADABLE_BACKOFF)]
            task_error = _task_error(deliveries[0], failure)
            return [self._outcome(deliveries[0], started, Status.FAIL, error=task_error)]
        half = len(asked) // 2
        first = self._process(asked[:half], remaining, failures)
        return first + self._process(asked[half:], remaining, failures)

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
    return TaskError(ErrorType.PREDICTION_FAILED, CANNOT_ANSWER, retryable=False)


def retries_exceeded(delivery: Delivery) -> TaskError:
    """Return the error of a task whose last attempt failed for a transient reason."""
    return TaskError(
        ErrorType.MAX_RETRIES_EXCEEDED,
        f"The task failed {delivery.receive_count} times for a transient reason; "
        "submit it again later.",
        retryable=True,
    )


def merged(parts: dict[str, Disposition]) -> Disposition:
    """Return the disposition of a task with one or several kinds.

    A task with several succeeds if one part did; its result has the answer or the error of each.
    If one part is retried, all are, because a task has one message.
    """
    found = list(parts.values())
    if len(found) == 1:
        return found[0]
    retries = [each for each in found if isinstance(each, Retry)]
    if retries:
        return max(retries, key=lambda each: each.seconds)
    outcomes = {kind: each for kind, each in parts.items() if isinstance(each, Outcome)}
    last = max(outcomes.values(), key=lambda each: each.finished_at)
    if all(each.status is Status.FAIL for each in outcomes.values()):
        return next(iter(outcomes.values()))
    started = min(each.started_at or each.finished_at for each in outcomes.values())
    result = {
        "parts": {kind: _part(each) for kind, each in outcomes.items()},
        "model": next(each.result["model"] for each in outcomes.values() if each.result),
    }
    return replace(last, status=Status.SUCCESS, started_at=started, result=result, error=None)


def _part(outcome: Outcome) -> JsonObject:
    if outcome.error is not None:
        return {"error": asdict(outcome.error)}
    result = outcome.result or {}
    return {name: value for name, value in result.items() if name != "model"}
