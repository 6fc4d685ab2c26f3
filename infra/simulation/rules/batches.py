"""Rules about batches: their tasks, and what a cancellation ends."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from infra.simulation.faults import MAX_SKEW
from infra.simulation.rules.facts import Violation, status_of
from infra.simulation.rules.requests import STATUSES, UNSURE, answers_to
from tasks.task import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.rules.facts import Facts


def batches_are_whole(facts: Facts) -> Iterator[Violation]:
    """A batch has the tasks of its array in their order, until it expires."""
    found: dict[tuple[str, float, float], list[str]] = defaultdict(list)
    for event in answers_to(facts, "batch", "cancel batch"):
        if event.answer in STATUSES:
            found[event.detail, event.at, event.since].append(event.task_id)
        elif event.answer not in UNSURE and event.at < _expiry(facts, event.detail) - MAX_SKEW:
            first = facts.history.batches[event.detail][0]
            yield Violation(first, event.at, f"its batch was answered: {event.answer}")
    for (batch_id, at, _), ids in found.items():
        expected = facts.history.batches[batch_id]
        if ids != expected:
            yield Violation(expected[0], at, f"its batch has {len(ids)} tasks, or other ones")


def _expiry(facts: Facts, batch_id: str) -> float:
    first = facts.history.accepted[facts.history.batches[batch_id][0]]
    return first.task.created_at + facts.settings.retention


def cancelled_batches_end(facts: Facts) -> Iterator[Violation]:
    """A cancelled batch has only final tasks, and each was answered as it is in the table."""
    for event in answers_to(facts, "cancel batch"):
        if event.answer not in STATUSES:
            continue
        end = facts.tasks[event.task_id].end
        if event.answer == Status.PROCESSING:
            yield Violation(event.task_id, event.at, "it is left over in a cancelled batch")
        elif end is None or end.at > event.at or status_of(end.after) != event.answer:
            yield Violation(event.task_id, event.at, f"its batch said {event.answer}")
