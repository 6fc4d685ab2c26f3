"""The history of one task, as lines of text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from infra.simulation.events import (
    Answered,
    FaultInjected,
    FileEvent,
    MessageEvent,
    Posted,
    RowWritten,
)
from infra.simulation.rules.facts import status_of
from tasks.webhooks.delivery import delivery_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.events import Event, Span
    from infra.simulation.history import History

NO_ERROR: Final = {"S": '{"type": ""}'}
MESSAGE_CHANGES: Final = {
    "sent": "message {id} is in {queue}",
    "received": "message {id} is received for the {count}. time",
    "repeated": "message {id} stays visible",
    "changed": "message {id} returns in {detail} s",
    "deleted": "message {id} is deleted",
    "moved": "message {id} moves to {detail}",
    "expired": "message {id} expires",
}


def timeline(history: History, task_id: str) -> list[str]:
    """Return the history of a task, a line for each event, with the faults that it met."""
    subjects = _subjects(history, task_id)
    spans = [span for span in history.spans if task_id in span.task_ids]
    numbers = {span.number for span in spans}
    lines: list[tuple[float, str]] = []
    for event in history.events:
        if event.task_id in subjects or (
            isinstance(event, FaultInjected) and _number(event.actor) in numbers
        ):
            actor = event.owner if isinstance(event, Answered) else event.actor
            lines.append((event.at, f"{actor:<22} {_describe(event)}"))
    for span in spans:
        lines += _work(span)
    lines.sort(key=lambda line: line[0])
    if not lines:
        return []
    start = lines[0][0]
    return [f"{at - start:>10.3f} s  {text}" for at, text in lines]


def _subjects(history: History, task_id: str) -> set[str]:
    """Return the ids of a task and of its delivery, and the key of the delivery's row."""
    written = (event for event in history.events if isinstance(event, RowWritten))
    rows = (event.after for event in written if event.task_id == task_id and event.after)
    for row in rows:
        batch_id = row["batch_id"]["S"] if "batch_id" in row else None
        delivery_id = delivery_id_of(task_id, batch_id, float(row["created_at"]["N"]))
        return {task_id, delivery_id, f"delivery#{delivery_id}"}
    return {task_id}


def _number(actor: str) -> int:
    number = actor.rpartition("/")[2]
    return int(number) if number.isdecimal() else -1


def _work(span: Span) -> Iterator[tuple[float, str]]:
    name = f"{span.actor}/{span.number}"
    yield span.started_at, f"{name:<22} begins with {len(span.task_ids)} messages"
    for call in span.model_calls:
        ending = f"fails: {call.failure}" if call.failure else "answers"
        yield call.until, f"{name:<22} the model ({span.model}) {ending} {len(call.requests)}"
    yield span.ended_at, f"{name:<22} {span.ending}"


def _describe_row(event: RowWritten) -> str:
    row = event.after or {}
    if event.task_id.startswith("delivery#"):
        if not row:
            return "delivery: no row"
        return f"delivery: {row['state']['S']}, next attempt {row['number']['N']}"
    before, after = status_of(event.before) or "no row", status_of(event.after) or "no row"
    error = json.loads(row.get("error", NO_ERROR)["S"])["type"]
    return f"row: {before} → {after} {error}".rstrip()


def _describe(event: Event) -> str:
    if isinstance(event, Posted):
        return f"is delivered to {event.url}: {event.reply.status or event.reply.reason}"
    if isinstance(event, RowWritten):
        return _describe_row(event)
    if isinstance(event, MessageEvent):
        return MESSAGE_CHANGES[event.change].format(
            id=event.message_id, queue=event.queue, count=event.receives, detail=event.detail
        )
    if isinstance(event, FileEvent):
        return f"file {event.key[-24:]} {event.change} from {event.start}, version {event.etag[:9]}"
    if isinstance(event, Answered):
        seconds = event.at - event.since
        return f"is answered after {seconds:.3f} s: {event.request} {event.answer}"
    return f"FAULT {event.kind} {event.detail}"
