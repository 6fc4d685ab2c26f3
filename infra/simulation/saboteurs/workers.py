"""Broken variants of the worker and the reaper."""
# ruff: noqa: D101, D102 - the catalogue says what each one does wrong

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from functions.reaper.reaper import Reaper
from functions.worker.batch import BatchWorker
from functions.worker.dispositions import Commit, Retry, RetryPolicy
from functions.worker.metrics import UsageMeter
from functions.worker.pipelines import answer_with
from functions.worker.task_processor import TaskProcessor, retries_exceeded
from suggester.groups import is_group
from tasks.aws.events import read_event
from tasks.messages import TaskMessage
from tasks.task import Outcome, Status
from tasks.webhooks.messages import DeliveryMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.worker.dispositions import Disposition
    from tasks.aws.events import Delivery
    from tasks.task import Usage

Remaining = Any


class Idle(BatchWorker):
    def run(self, event: object, remaining: Remaining) -> list[str]:  # noqa: ARG002
        return []


class KeepsAll(BatchWorker):
    def run(self, event: Any, remaining: Remaining) -> list[str]:
        super().run(event, remaining)
        return [record["messageId"] for record in event["Records"]]


class DeletesUnreadable(BatchWorker):
    def run(self, event: object, remaining: Remaining) -> list[str]:
        _, unreadable = read_event(event)
        return [kept for kept in super().run(event, remaining) if kept not in unreadable]


class DeletesUnwritten(BatchWorker):
    def _commit(self, delivery: Delivery, disposition: Disposition, **given: Any) -> Commit:
        done = super()._commit(delivery, disposition, **given)
        return Commit.NEEDLESS if isinstance(disposition, Outcome) else done


class ForgetsRetries(BatchWorker):
    def _commit(self, delivery: Delivery, disposition: Disposition, **given: Any) -> Commit:
        if isinstance(disposition, Retry):
            return Commit.NONE
        return super()._commit(delivery, disposition, **given)


class NeverHurries(BatchWorker):
    def run(self, event: object, remaining: Remaining) -> list[str]:  # noqa: ARG002
        return super().run(event, lambda: math.inf)


class WorksLate(BatchWorker):
    def _process(self, deliveries: Sequence[Delivery], remaining: Remaining) -> list[Disposition]:
        endless = [
            dataclasses.replace(
                delivery, message=dataclasses.replace(delivery.message, deadline=math.inf)
            )
            for delivery in deliveries
        ]
        return super()._process(endless, remaining)


class Trusts(BatchWorker):
    def run(self, event: Any, remaining: Remaining) -> list[str]:
        for record in event["Records"]:
            TaskMessage.decode(record["body"])
        return super().run(event, remaining)


class ReadsFirst(BatchWorker):
    def _commit(self, delivery: Delivery, *given: Any, **named: Any) -> Commit:
        self.store.get(delivery.message.task_id)
        return super()._commit(delivery, *given, **named)


class CountsOneAttempt(BatchWorker):
    def _commit(self, delivery: Delivery, disposition: Disposition, **given: Any) -> Commit:
        if isinstance(disposition, Outcome):
            disposition = dataclasses.replace(disposition, attempts=1)
        return super()._commit(delivery, disposition, **given)


class MixesTasks(BatchWorker):
    def _process(self, deliveries: Sequence[Delivery], remaining: Remaining) -> list[Disposition]:
        return super()._process(deliveries, remaining)[::-1]


def _failed(processor: TaskProcessor, delivery: Delivery) -> Outcome:
    """Return the outcome of a task whose last attempt has failed."""
    now = processor.clock()
    return Outcome(Status.FAIL, now, now, error=retries_exceeded(delivery), attempts=1)


class FailsTogether(TaskProcessor):
    def process(self, deliveries: Sequence[Delivery], remaining: Remaining) -> list[Disposition]:
        found = super().process(deliveries, remaining)
        failures = [one for one in found if isinstance(one, Outcome) and one.error is not None]
        return [failures[0]] * len(found) if failures else found


class GivesUp(TaskProcessor):
    def _process(
        self, asked: Sequence[tuple[Delivery, Any]], remaining: Remaining, failures: Any
    ) -> list[Disposition]:
        try:
            self.answer([members for _, members in asked])
        except Exception:  # noqa: BLE001 - like the real one
            return [_failed(self, delivery) for delivery, _ in asked]
        return super()._process(asked, remaining, failures)


class SearchesOneByOne(TaskProcessor):
    def process(self, deliveries: Sequence[Delivery], remaining: Remaining) -> list[Disposition]:
        found = super().process(deliveries, remaining)
        if len(found) == 1 or all(isinstance(o, Outcome) and o.error is None for o in found):
            return found
        each = (super(SearchesOneByOne, self).process([one], remaining) for one in deliveries)
        return [disposition for alone in each for disposition in alone]


class DropsHalf(TaskProcessor):
    def process(self, deliveries: Sequence[Delivery], remaining: Remaining) -> list[Disposition]:
        found = super().process(deliveries, remaining)
        return found if len(found) < 2 else found[: len(found) // 2]  # noqa: PLR2004


class UsesUpLastAttempts(TaskProcessor):
    def process(self, deliveries: Sequence[Delivery], remaining: Remaining) -> list[Disposition]:
        found = super().process(deliveries, remaining)
        if not any(isinstance(one, Retry) for one in found) or len(found) == 1:
            return found
        return [
            one if isinstance(one, Outcome) else _failed(self, delivery)
            for one, delivery in zip(found, deliveries, strict=True)
        ]


class RetriesAtOnce(RetryPolicy):
    def retry(self, delivery: Delivery) -> Retry:  # noqa: ARG002
        return Retry(0)


class RetriesSlowly(RetryPolicy):
    def retry(self, delivery: Delivery) -> Retry:
        return Retry(2 * super().retry(delivery).seconds)


class RetriesForever(RetryPolicy):
    def allows_retry(self, delivery: Delivery) -> bool:  # noqa: ARG002
        return True


class NeverRetries(RetryPolicy):
    def allows_retry(self, delivery: Delivery) -> bool:  # noqa: ARG002
        return False


class ChargesEachForAll(UsageMeter):
    def usage(self, seconds: float, batch_size: int = 1) -> Usage:
        return dataclasses.replace(super().usage(seconds), batch_size=batch_size)


class ChargesHalf(UsageMeter):
    def usage(self, seconds: float, batch_size: int = 1) -> Usage:
        return super().usage(seconds / 2, batch_size)


class ChargesLessThanNothing(UsageMeter):
    def usage(self, seconds: float, batch_size: int = 1) -> Usage:
        found = super().usage(seconds, batch_size)
        return dataclasses.replace(found, gb_seconds=found.gb_seconds - 1)


def ignores_exclusions(pipelines: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """Answer as if no drink excluded anything."""
    answer = answer_with(pipelines)
    return lambda inputs: answer([{**fields, "exclude": []} for fields in inputs])


def ignores_groups(pipelines: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """Answer as if no drink excluded a group of allergens."""
    answer = answer_with(pipelines)

    def names(fields: Any) -> list[str]:
        return [name for name in fields.get("exclude", ()) if not is_group(name)]

    return lambda inputs: answer([{**fields, "exclude": names(fields)} for fields in inputs])


def names_another_model(pipelines: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """Answer with the name of another version of the model."""
    answer = answer_with(pipelines)
    return lambda inputs: [{**found, "model": "m2"} for found in answer(inputs)]


class IdleReaper(Reaper):
    def run(self, event: object, *_: Any) -> list[str]:  # noqa: ARG002
        return []


class ReaperDeletesUnreadable(Reaper):
    def run(self, event: object, *given: Any) -> list[str]:
        _, unreadable = read_event(event)
        return [kept for kept in super().run(event, *given) if kept not in unreadable]


class ReaperSucceeds(Reaper):
    def _end(self, message: TaskMessage | DeliveryMessage) -> None:
        if isinstance(message, DeliveryMessage):
            super()._end(message)
            return
        self.store.finish(message.task_id, Outcome(Status.SUCCESS, self.clock(), result={}))
