"""Rules about rows: they exist, they end, and they stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.simulation.faults import MAX_SKEW
from infra.simulation.rules.facts import SLACK, Violation, is_final, status_of
from tasks.task import ErrorType, Lane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.events import Accepted
    from infra.simulation.rules.facts import Facts, TaskFacts

# How long a task may take once there are no faults any more. A drink's message is hidden for 90 s,
# in one of two queues, and an invocation may just have begun. A document's is hidden for 720 s if
# its visibility could not be shortened, and its work takes minutes.
LONGEST: Final = {Lane.INTERACTIVE: 240.0, Lane.BULK: 240.0, Lane.DOCUMENT: 1800.0}
# Fields that no write changes.
KEPT: Final = (
    *("owner", "priority", "input", "created_at", "deadline", "expires_at"),
    *("webhook", "metadata", "batch_id"),
)
LONGEST_IN_CALM: Final = 30.0  # seconds, of a drink in a round without faults


def final_rows_stay(facts: Facts) -> Iterator[Violation]:
    """A final row never changes, and an expired row never returns."""
    for task in facts.tasks.values():
        deleted = False
        for write in task.writes:
            if is_final(write.before) and write.after is not None and write.after != write.before:
                text = f"{status_of(write.before)} became {status_of(write.after)}"
                if status_of(write.before) == status_of(write.after):
                    text = "the final row changed"
                yield Violation(task.task_id, write.at, text)
            if deleted and write.after is not None:
                yield Violation(task.task_id, write.at, "the row returned after it had expired")
            deleted = deleted or write.after is None


def accepted_tasks_exist(facts: Facts) -> Iterator[Violation]:
    """An accepted task has its row, with what the caller sent, until it expires."""
    retention = facts.settings.retention
    for task, accepted in facts.accepted:
        first = task.writes[0] if task.writes else None
        if first is None or first.at > accepted.at:
            yield Violation(task.task_id, accepted.at, "it was accepted without a row")
            continue
        for write in task.writes:
            if write.after is None and write.at < accepted.task.created_at + retention - MAX_SKEW:
                yield Violation(task.task_id, write.at, "its row was deleted before it expired")
        yield from _changed_fields(task, accepted)


def _changed_fields(task: TaskFacts, accepted: Accepted) -> Iterator[Violation]:
    first = task.writes[0].after or {}
    for write in task.writes:
        if write.after is not None:
            changed = [name for name in KEPT if write.after.get(name) != first.get(name)]
            if changed:
                yield Violation(task.task_id, write.at, f"{', '.join(changed)} changed")
    if first.get("owner") != {"S": accepted.task.owner}:
        yield Violation(task.task_id, task.writes[0].at, "its row belongs to someone else")


def accepted_tasks_end(facts: Facts) -> Iterator[Violation]:
    """Once faults stop, a worker or the reaper ends an accepted task, not only its deadline."""
    for task, accepted in facts.accepted:
        due = max(facts.round.settled_at, accepted.at) + LONGEST[accepted.task.lane]
        if facts.is_calm and accepted.task.lane is not Lane.DOCUMENT:
            due = accepted.at + LONGEST_IN_CALM
        if task.end is None:
            yield Violation(task.task_id, accepted.task.deadline, "it never ended")
        elif due + 2 * MAX_SKEW < accepted.task.deadline:
            if task.outcome == ErrorType.DEADLINE_EXCEEDED:
                yield Violation(task.task_id, task.end.at, "only its deadline ended it")
            elif task.end.at > due:
                yield Violation(
                    task.task_id, task.end.at, f"it ended {task.end.at - due:.0f} s late"
                )


def rows_come_before_messages(facts: Facts) -> Iterator[Violation]:
    """Every message has a row."""
    for task in facts.tasks.values():
        sent = [event.at for event in task.messages if event.change == "sent"]
        by_api = [
            event.at
            for event in task.messages
            if event.change == "sent" and event.actor.startswith("ApiFunction")
        ]
        if by_api and (not task.writes or task.writes[0].at > min(by_api)):
            yield Violation(task.task_id, min(sent), "its message was sent before its row was put")


def deadlines_hold(facts: Facts) -> Iterator[Violation]:
    """A deadline ends a task when it has passed, not before it, and no work begins after it."""
    for task, accepted in facts.accepted:
        deadline = accepted.task.deadline
        end = task.end
        if end is None:
            continue
        if task.outcome == ErrorType.DEADLINE_EXCEEDED:
            if end.at < deadline - MAX_SKEW - SLACK:
                yield Violation(task.task_id, end.at, f"it ended {deadline - end.at:.0f} s early")
            continue
        span = facts.span_of(end.actor)
        if (
            span is not None
            and span.kind == "WorkerFunction"
            and span.started_at > deadline + MAX_SKEW
        ):
            late = span.started_at - deadline
            yield Violation(task.task_id, end.at, f"its work began {late:.0f} s after its deadline")
