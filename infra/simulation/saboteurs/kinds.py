"""Broken variants of the work on tasks with several kinds."""
# ruff: noqa: D101, D102 - the catalogue says what each one does wrong

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from functions.worker.dispositions import Retry
from functions.worker.task_processor import TaskProcessor
from tasks.task import ErrorType, Outcome, Status, TaskError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.worker.dispositions import Disposition
    from tasks.aws.events import Delivery

Remaining = Any
Parts = dict[str, dict[str, Any]]
FAILED = TaskError(ErrorType.PREDICTION_FAILED, "It has no answer.", retryable=False)


class ChangesParts(TaskProcessor):
    """Changes the parts of a result that has several."""

    change: Callable[[Parts], Parts]

    def process(self, deliveries: Sequence[Delivery], remaining: Remaining) -> list[Disposition]:
        return [self._changed(found) for found in super().process(deliveries, remaining)]

    def _changed(self, found: Disposition) -> Disposition:
        if not isinstance(found, Outcome) or "parts" not in (found.result or {}):
            return found
        result = found.result or {}
        return dataclasses.replace(found, result={**result, "parts": self.change(result["parts"])})


class DropsParts(ChangesParts):
    change = staticmethod(lambda parts: dict([*parts.items()][1:]))


class SwapsParts(ChangesParts):
    change = staticmethod(lambda parts: dict(zip(parts, [*parts.values()][::-1], strict=True)))


class FailsAPart(ChangesParts):
    @staticmethod
    def change(parts: Parts) -> Parts:
        first, *others = parts
        return {first: {"error": dataclasses.asdict(FAILED)}, **{k: parts[k] for k in others}}


class FailsAllParts(TaskProcessor):
    def process(self, deliveries: Sequence[Delivery], remaining: Remaining) -> list[Disposition]:
        return [_failed_with_a_part(found) for found in super().process(deliveries, remaining)]


def _failed_with_a_part(found: Disposition) -> Disposition:
    parts = (found.result or {}).get("parts", {}) if isinstance(found, Outcome) else {}
    if isinstance(found, Outcome) and any("error" in part for part in parts.values()):
        return dataclasses.replace(found, status=Status.FAIL, result=None, error=FAILED)
    return found


class RetriesNoPart(TaskProcessor):
    def _process(
        self, asked: Sequence[tuple[Delivery, Any]], remaining: Remaining, failures: Any
    ) -> list[Disposition]:
        found = super()._process(asked, remaining, failures)
        return [
            self._end(delivery)
            if isinstance(one, Retry) and len(self.split(delivery.message.input)) > 1
            else one
            for one, (delivery, _) in zip(found, asked, strict=True)
        ]

    def _end(self, delivery: Delivery) -> Outcome:
        now = self.clock()
        attempts = delivery.receive_count
        return Outcome(Status.FAIL, now, now, error=FAILED, attempts=attempts)
