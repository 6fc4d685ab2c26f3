"""Several tasks in one response: batches and lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from barback._responses import Failure, Result, Status, Task

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Batch:
    """The tasks of an array.

    Args:
        batch_id: the id.
        counts: the number of tasks with each status.
        expected_wait: the seconds until the last task may be done; 0 if all are final.
        results: the results in the order of the array; those that are not final are PROCESSING.
    """

    batch_id: str
    counts: Mapping[Status, int] = field(hash=False)
    expected_wait: int
    results: tuple[Result, ...]

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Batch:
        """Read a batch from a response."""
        results = tuple(map(Result.from_json, body["results"]))
        return cls(body["batch_id"], _counts(body), body["expected_wait"], results)

    @property
    def is_final(self) -> bool:
        """Whether all tasks have ended."""
        return all(result.is_final for result in self.results)


@dataclass(frozen=True, slots=True)
class CancelledBatch:
    """A batch after its cancellation; `cancelled` has the ids of its cancelled tasks."""

    batch_id: str
    counts: Mapping[Status, int] = field(hash=False)
    cancelled: tuple[str, ...]

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> CancelledBatch:
        """Read a cancelled batch from a response."""
        return cls(body["batch_id"], _counts(body), tuple(body["cancelled"]))


@dataclass(frozen=True, slots=True)
class ListedTask(Task):
    """A task in a list. `kind` is None for a document, and `metadata` is that of the request."""

    kind: str | tuple[str, ...] | None = None
    submitted_at: datetime | None = None
    error: Failure | None = None
    metadata: Mapping[str, str] | None = field(default=None, hash=False)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ListedTask:
        """Read an entry of a list."""
        kind = body["kind"]
        return cls(
            task_id=body["task_id"],
            status=Status(body["status"]),
            kind=tuple(kind) if isinstance(kind, list) else kind,
            submitted_at=datetime.fromisoformat(body["submitted_at"]),
            error=Failure.from_optional_json(body.get("error")),
            metadata=body.get("metadata"),
        )


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of the list of tasks, and the cursor of the next one; None on the last page."""

    tasks: tuple[ListedTask, ...]
    cursor: str | None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> TaskPage:
        """Read a page from a response."""
        return cls(tuple(map(ListedTask.from_json, body["tasks"])), body["cursor"])


def _counts(body: Mapping[str, Any]) -> dict[Status, int]:
    return {Status(name): count for name, count in body["counts"].items()}
