"""Rules about messages: when they may be deleted, and when they return."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from functions.worker.dispositions import FIRST_BACKOFF, UNREADABLE_BACKOFF
from functions.worker.settings import DEFAULT_RETRIES
from infra.simulation.events import MessageEvent, RowWritten
from infra.simulation.faults import MAX_SKEW
from infra.simulation.rules.facts import RECORDS, Violation, is_final
from tasks.ports import SAFETY_MARGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.events import Span
    from infra.simulation.rules.facts import Facts, TaskFacts

KEPT_IN: Final = "UnreadableQueue"


def messages_outlive_their_work(facts: Facts) -> Iterator[Violation]:
    """A message is deleted only if its task is final, or another message continues it."""
    rows: dict[str, bool] = {}  # whether a task is final
    alive: dict[str, set[str]] = defaultdict(set)
    for event in facts.history.events:
        if isinstance(event, RowWritten) and not event.task_id.startswith(RECORDS):
            rows[event.task_id] = event.after is None or is_final(event.after)
        elif isinstance(event, MessageEvent) and event.task_id:
            if event.change in ("sent", "received", "moved"):
                alive[event.task_id].add(event.message_id)
            elif event.change in ("deleted", "expired"):
                alive[event.task_id].discard(event.message_id)
                if not alive[event.task_id] and rows.get(event.task_id) is False:
                    yield Violation(
                        event.task_id, event.at, f"its last message was {event.change} too early"
                    )


def unreadable_messages_are_kept(facts: Facts) -> Iterator[Violation]:
    """A message that no code can read is never deleted; an operator finds it in the end."""
    unreadable = facts.history.unreadable
    for event in facts.history.events:
        if (
            isinstance(event, MessageEvent)
            and event.change == "deleted"
            and event.message_id in unreadable
        ):
            yield Violation("", event.at, f"{event.message_id} was deleted from {event.queue}")
    kept = facts.round.stack.queues[KEPT_IN].messages
    for message_id in sorted(unreadable - kept.keys()):
        yield Violation("", facts.round.stack.scheduler.now, f"{message_id} is not in {KEPT_IN}")


def retries_are_on_time(facts: Facts) -> Iterator[Violation]:
    """A transient failure is retried three times, after 2, 4 and 8 s and at most half as much.

    A task that was never accepted may have a form that the worker does not know; it waits longer.
    """
    for event in facts.history.events:
        if not isinstance(event, MessageEvent) or event.change != "changed":
            continue
        span = facts.span_of(event.actor)
        if span is None or span.kind != "WorkerFunction":
            continue
        seconds = int(event.detail)
        if seconds == 0 and event.at > span.ends_at - SAFETY_MARGIN - 1:
            continue  # there was no time for it
        task = facts.tasks.get(event.task_id)
        if seconds == UNREADABLE_BACKOFF and (task is None or task.accepted is None):
            continue
        shortest = FIRST_BACKOFF * 2 ** (event.receives - 1)
        if event.receives > DEFAULT_RETRIES or not shortest <= seconds <= 1.5 * shortest:
            text = f"after {event.receives} receives the retry was in {seconds} s"
            yield Violation(event.task_id, event.at, text)


def transient_failures_are_retried(facts: Facts) -> Iterator[Violation]:
    """If the model cannot be read, each message of the batch gets its retry."""
    changed = {
        (event.actor.rpartition("/")[2], event.task_id)
        for event in facts.history.events
        if isinstance(event, MessageEvent) and event.change == "changed"
    }
    for span in facts.invocations("WorkerFunction"):
        if not _failed_for_a_while(span):
            continue
        for task_id, count in zip(span.task_ids, span.counts, strict=True):
            task = facts.tasks.get(task_id)
            if task is None or task.accepted is None or count > DEFAULT_RETRIES:
                continue
            if task.accepted.task.deadline < span.ended_at + MAX_SKEW:
                continue  # it may have been left out
            is_over = task.end is not None and task.end.at <= span.ended_at
            if (
                not (is_over or _is_elsewhere(task, count, span.ended_at))
                and (str(span.number), task_id) not in changed
            ):
                yield Violation(task_id, span.ended_at, "its transient failure was not retried")


def _is_elsewhere(task: TaskFacts, receives: int, until: float) -> bool:
    """Whether a message stayed visible, or was received again, so that it cannot be delayed."""
    return any(
        (event.change == "repeated" and event.receives == receives)
        or (event.change == "received" and event.receives > receives)
        for event in task.messages
        if event.at <= until
    )


def _failed_for_a_while(span: Span) -> bool:
    """Whether every call of the model failed for a transient reason, and nothing else happened."""
    return (
        not span.faults
        and span.ending == "returned"
        and bool(span.model_calls)
        and all(call.failure == "OSError" for call in span.model_calls)
        and all(count <= DEFAULT_RETRIES for count in span.counts)
    )
