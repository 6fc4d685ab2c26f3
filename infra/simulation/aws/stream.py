"""The stream of a table: its changes in shards, in the order in which they were made."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from infra.simulation.scheduler import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.simulation.aws.dynamodb import Item
    from infra.simulation.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Record:
    """A change of an item. `at` is in seconds since the epoch."""

    sequence: str
    at: float
    key: str
    content: Mapping[str, Any]  # as Lambda passes it


@dataclass(slots=True)
class Shard:
    """The changes of some items; `arrivals` resumes a process that waits for one."""

    records: list[Record] = field(default_factory=list)
    arrivals: Signal = field(default_factory=Signal)


class TableStream:
    """A stream with both images of each change.

    Args:
        scheduler: the time.
        pattern: the filter of the event source; other changes are left out.
        shards: how many there are.
    """

    def __init__(self, scheduler: Scheduler, pattern: Mapping[str, Any], shards: int) -> None:
        self._scheduler = scheduler
        self._pattern = pattern
        self.shards = [Shard() for _ in range(shards)]
        self._numbers = 0

    def write(self, key: str, before: Item | None, after: Item | None) -> None:
        """Add a change, given the item before and after it."""
        self._numbers += 1
        sequence = f"{self._numbers:021}"
        images = {"OldImage": before, "NewImage": after}
        content = {
            "eventID": sequence,
            "eventName": _name(before, after),
            "eventSource": "aws:dynamodb",
            "dynamodb": {
                "Keys": {"task_id": {"S": key}},
                "SequenceNumber": sequence,
                **{name: image for name, image in images.items() if image is not None},
            },
        }
        if not matches(self._pattern, content):
            return
        shard = self.shards[zlib.crc32(key.encode()) % len(self.shards)]
        shard.records.append(Record(sequence, self._scheduler.now, key, content))
        shard.arrivals.notify()


def _name(before: Item | None, after: Item | None) -> str:
    if before is None:
        return "INSERT"
    return "REMOVE" if after is None else "MODIFY"


def matches(pattern: Mapping[str, Any], content: Any) -> bool:
    """Whether a record passes a filter: each field has one of the values, or exists."""
    if not isinstance(content, dict):
        return False
    return all(
        matches(expected, content.get(name))
        if isinstance(expected, dict)
        else any(_is(value, name, content) for value in expected)
        for name, expected in pattern.items()
    )


def _is(value: Any, name: str, content: Mapping[str, Any]) -> bool:
    if isinstance(value, dict):
        is_wanted: bool = value["exists"]
        return (name in content) is is_wanted
    return bool(content.get(name) == value)
