"""The history of a round: everything that happened, in order, as the checker needs it."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from infra.simulation.events import (
    Answered,
    FaultInjected,
    FileEvent,
    Listed,
    MessageEvent,
    Posted,
    RowWritten,
    Span,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.simulation.aws.dynamodb import Item
    from infra.simulation.aws.queue import Message
    from infra.simulation.events import Accepted, Event
    from infra.simulation.scheduler import Process, Scheduler

TASK_ID: Final = re.compile(r'"task_id":"([^"]*)"')


class History:
    """Records events; the time and the actor come from the scheduler.

    Attributes:
        events: all events in order.
        spans: all requests and invocations, in the order of their start.
        accepted: the accepted tasks by id.
        batches: the tasks of the accepted arrays in order, by the id of the batch.
        lists: the lists of tasks that callers got.
        contents: the content of all versions of files, by ETag.
        unreadable: the ids of messages that no code can read.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.events: list[Event] = []
        self.spans: list[Span] = []
        self.accepted: dict[str, Accepted] = {}
        self.batches: dict[str, Sequence[str]] = {}
        self.lists: list[Listed] = []
        self.contents: dict[str, bytes] = {}
        self.unreadable: set[str] = set()
        self._tasks: dict[str, str] = {}  # by message id
        self._behalf: Process | None = None

    @property
    def process(self) -> Process | None:
        """The running process, or the one on whose behalf a late request arrives."""
        return self._behalf if self._scheduler.current is None else self._scheduler.current

    @property
    def actor(self) -> str:
        """The name of the process."""
        return "" if self.process is None else self.process.name

    @contextmanager
    def on_behalf(self, process: Process | None) -> Iterator[None]:
        """Note what happens now as something that a process did."""
        self._behalf = process
        try:
            yield
        finally:
            self._behalf = None

    def start_span(self, kind: str, actor: str, timeout: float) -> Span:
        """Add a request or invocation that starts now."""
        now = self._scheduler.now
        span = Span(len(self.spans), kind, actor, now, now + timeout)
        self.spans.append(span)
        return span

    def row_written(self, key: str, before: Item | None, after: Item | None) -> None:
        """Note a write to the table."""
        self.events.append(RowWritten(self._scheduler.now, self.actor, key, before, after))

    def task_of(self, message: Message) -> str:
        """Return the id of the task of a message, or "" for an unreadable one."""
        task_id = self._tasks.get(message.message_id)
        if task_id is None:
            task_id = self._tasks[message.message_id] = self.task_id_in(message.body)
        return task_id

    def task_id_in(self, body: str) -> str:
        """Return the task id in the body of a message, or "" if there is none."""
        found = TASK_ID.search(body)
        return found[1] if found else ""

    def _message(self, change: str, queue: str, message: Message, detail: str = "") -> None:
        event = MessageEvent(
            self._scheduler.now,
            self.actor,
            change,
            queue,
            message.message_id,
            self.task_of(message),
            message.receive_count,
            detail,
        )
        self.events.append(event)

    def sent(self, queue: str, message: Message) -> None:
        """Note that a message is in a queue."""
        self._message("sent", queue, message, message.group)

    def received(self, queue: str, message: Message) -> None:
        """Note a receive."""
        self._message("received", queue, message)

    def repeated(self, queue: str, message: Message) -> None:
        """Note that a received message stays visible."""
        self._message("repeated", queue, message)

    def changed(self, queue: str, message: Message, seconds: float) -> None:
        """Note a change of the visibility timeout."""
        self._message("changed", queue, message, f"{seconds:.0f}")

    def deleted(self, queue: str, message: Message) -> None:
        """Note a deletion."""
        self._message("deleted", queue, message)

    def moved(self, queue: str, target: str, message: Message) -> None:
        """Note that a message moved to a dead-letter queue."""
        self._message("moved", queue, message, target)

    def expired(self, queue: str, message: Message) -> None:
        """Note that a message is older than the retention period of its queue."""
        self._message("expired", queue, message)

    def fault(self, kind: str, detail: str = "", task_id: str = "") -> None:
        """Note a fault."""
        self.events.append(FaultInjected(self._scheduler.now, self.actor, kind, detail, task_id))

    def answered(self, event: Answered) -> None:
        """Note the end of a caller's request."""
        self.events.append(event)

    def file(self, change: str, key: str, etag: str, start: int = 0) -> None:
        """Note a read or a write of a file."""
        span = None if self.process is None else self.process.span
        task_id = span.task_ids[0] if span is not None and span.task_ids else ""
        now = self._scheduler.now
        self.events.append(FileEvent(now, self.actor, change, key, etag, task_id, start))

    def digest(self) -> str:
        """Return a hash of everything that happened."""
        return hashlib.sha256(repr((self.events, self.spans)).encode()).hexdigest()

    def by_task(self) -> dict[str, list[Event]]:
        """Return the events of each task in order."""
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.task_id and not isinstance(event, Posted):
                found[event.task_id].append(event)
        return found
