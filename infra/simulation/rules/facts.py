"""What the rules need to know about a round, computed once."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from infra.simulation.events import Answered, FileEvent, MessageEvent, RowWritten
from tasks.task import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.aws.dynamodb import Item
    from infra.simulation.events import Accepted, Event, Span
    from infra.simulation.faults import Fault
    from infra.simulation.model import Oracle
    from infra.simulation.run import Round

RECORDS: Final = (
    "key#",
    "retry#",
    "delivery#",
    "secrets#",
)  # the prefixes of rows that stand for no task
SLACK: Final = 1.0  # seconds of latencies, in comparisons of times


class Violation(NamedTuple):
    """A violation of a rule; `task_id` is "" if it concerns no single task."""

    task_id: str
    at: float
    text: str


def status_of(item: Item | None) -> str:
    """Return the status of a row, or "" if there is none."""
    return "" if item is None else item["status"]["S"]


def is_final(item: Item | None) -> bool:
    """Whether a row has a final status."""
    return status_of(item) not in ("", Status.PROCESSING)


@dataclass(slots=True)
class TaskFacts:
    """What happened to a task.

    Attributes:
        task_id: the task.
        accepted: how it was accepted, or None.
        writes: all writes to its row.
        end: the write that gave it its first final status, or None.
        messages: all changes of its messages.
        files: all reads and writes of files by invocations that worked on it.
        answers: the answers to its callers.
        spans: the invocations with its messages.
    """

    task_id: str
    accepted: Accepted | None
    writes: list[RowWritten]
    end: RowWritten | None
    messages: list[MessageEvent]
    files: list[FileEvent]
    answers: list[Answered]
    spans: list[Span]

    @property
    def outcome(self) -> str:
        """The type of the error with which it ended, or its status; "" while it is not final."""
        if self.end is None or self.end.after is None:
            return ""
        if "error" in self.end.after:
            error: str = json.loads(self.end.after["error"]["S"])["type"]
            return error
        return status_of(self.end.after)

    def attribute(self, name: str) -> Any:
        """Return the JSON of an attribute with which it ended, or None."""
        item = None if self.end is None else self.end.after
        return json.loads(item[name]["S"]) if item is not None and name in item else None


class Facts:
    """The facts of a round.

    Attributes:
        round: the round.
        oracle: the right answers.
    """

    def __init__(self, finished: Round, oracle: Oracle) -> None:
        self.round = finished
        self.oracle = oracle
        self.history = finished.history
        self.settings = finished.settings

    @cached_property
    def is_calm(self) -> bool:
        """Whether the round had no faults at all."""
        profile = self.round.stack.nemesis.profile
        return not (profile.calls or profile.deliveries or profile.intervals)

    def has(self, fault: Fault) -> bool:
        """Whether the round has a kind of fault."""
        profile = self.round.stack.nemesis.profile
        return fault in {**profile.calls, **profile.deliveries, **profile.intervals}

    def span_of(self, actor: str) -> Span | None:
        """Return the span of an actor, or None if it is none."""
        number = actor.rpartition("/")[2]
        return self.history.spans[int(number)] if number.isdecimal() and "/" in actor else None

    @cached_property
    def tasks(self) -> dict[str, TaskFacts]:
        """All tasks that have a row or a message, accepted or not."""
        spans: dict[str, list[Span]] = defaultdict(list)
        for span in self.history.spans:
            for task_id in dict.fromkeys(span.task_ids):
                spans[task_id].append(span)
        return {
            task_id: self._task(task_id, events, spans[task_id])
            for task_id, events in self.history.by_task().items()
            if not task_id.startswith(RECORDS)
        }

    def _task(self, task_id: str, events: list[Event], spans: list[Span]) -> TaskFacts:
        accepted = self.history.accepted.get(task_id)
        facts = TaskFacts(task_id, accepted, [], None, [], [], [], spans)
        for event in events:
            if isinstance(event, RowWritten):
                facts.writes.append(event)
                if facts.end is None and is_final(event.after):
                    facts.end = event
            elif isinstance(event, MessageEvent):
                facts.messages.append(event)
            elif isinstance(event, FileEvent):
                facts.files.append(event)
            elif isinstance(event, Answered):
                facts.answers.append(event)
        return facts

    @cached_property
    def versions(self) -> dict[str, set[str]]:
        """The ETags of all versions of each file."""
        found: dict[str, set[str]] = defaultdict(set)
        for event in self.history.events:
            if isinstance(event, FileEvent) and event.change == "written":
                found[event.key].add(event.etag)
        return found

    @cached_property
    def cancelled_at(self) -> dict[str, float]:
        """When the owner first asked to cancel each task, alone or with its batch."""
        found: dict[str, float] = {}
        for event in self.history.events:
            if isinstance(event, Answered) and event.request in ("cancel", "cancel batch"):
                is_batch = event.request == "cancel batch"
                ids = self.history.batches[event.detail] if is_batch else [event.task_id]
                for task_id in ids:
                    found[task_id] = min(event.since, found.get(task_id, event.since))
        return found

    def hand_overs(self, task: TaskFacts) -> Iterator[tuple[MessageEvent, int]]:
        """Yield each message that continues a document, and how many came before it in its chain.

        A duplicate delivery begins a chain of its own.
        """
        depths: dict[str, int] = {}
        for event in task.messages:
            span = self.span_of(event.actor) if event.change == "sent" else None
            if span is not None and span.kind == "DocumentFunction":
                before = max(depths.get(message_id, 0) for message_id in span.message_ids)
                depths[event.message_id] = before + 1
                yield event, before

    @property
    def accepted(self) -> Iterator[tuple[TaskFacts, Accepted]]:
        """All tasks that were answered with 202."""
        for facts in self.tasks.values():
            if facts.accepted is not None:
                yield facts, facts.accepted

    def invocations(self, *functions: str) -> Iterator[Span]:
        """Yield the invocations of functions."""
        return (span for span in self.history.spans if span.kind in functions)
