"""The rule about lists of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.simulation.aws.dynamodb import STALE_SECONDS
from infra.simulation.faults import MAX_SKEW
from infra.simulation.rules.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.events import Listed
    from infra.simulation.rules.facts import Facts


def lists_are_complete(facts: Facts) -> Iterator[Violation]:
    """A list has all tasks of its owner but those of the last second, and no others, in order."""
    for listed in facts.history.lists:
        if list(listed.ids) != sorted(set(listed.ids), reverse=True):
            yield Violation("", listed.at, "a list is not in order, or has a task twice")
        for task_id in sorted(_expected(facts, listed).difference(listed.ids)):
            yield Violation(task_id, listed.at, "it is not in the list of its owner")
        for task_id in listed.ids:
            row = facts.tasks[task_id].writes[0].after or {}
            if row["owner"]["S"] != listed.owner:
                yield Violation(task_id, listed.at, "it is in the list of another owner")


def _expected(facts: Facts, listed: Listed) -> set[str]:
    """Return the ids of the tasks that the list must have."""
    return {
        task_id
        for task_id, accepted in facts.history.accepted.items()
        if accepted.task.owner == listed.owner
        and accepted.at < listed.since - STALE_SECONDS
        and accepted.task.created_at + facts.settings.retention > listed.at + MAX_SKEW
    }
