"""The task: its row, and the only transition that it ever makes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from tasks.errors import TaskFinished

JsonObject = dict[str, Any]


class Status(StrEnum):
    """The status of a task. PROCESSING can change; the other three are final."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    CANCELLED = "CANCELLED"


class Lane(StrEnum):
    """The way of a task through the service: each lane has its own queue."""

    INTERACTIVE = "interactive"
    BULK = "bulk"
    DOCUMENT = "document"


class ErrorType(StrEnum):
    """The stable names of the reasons why a task can fail."""

    MAX_RETRIES_EXCEEDED = "max-retries-exceeded"
    DEADLINE_EXCEEDED = "deadline-exceeded"
    PREDICTION_FAILED = "prediction-failed"
    EMPTY_MASK = "empty-mask"
    DOCUMENT_MISSING = "document-missing"
    DOCUMENT_CHANGED = "document-changed"
    DOCUMENT_FORBIDDEN = "document-forbidden"
    DOCUMENT_TOO_LONG = "document-too-long"
    WORKER_LOST = "worker-lost"


@dataclass(frozen=True, slots=True)
class TaskError:
    """Why a task failed, and whether submitting the same input again may help."""

    type: ErrorType | str
    detail: str
    retryable: bool

    @classmethod
    def from_json(cls, members: JsonObject) -> TaskError:
        """Read an error from a row. Newer code may have written a type that is unknown here."""
        name: str = members["type"]
        is_known = name in ErrorType.__members__.values()
        error_type = ErrorType(name) if is_known else name
        return cls(error_type, members["detail"], members["retryable"])


DEADLINE_EXCEEDED: Final = TaskError(
    ErrorType.DEADLINE_EXCEEDED,
    "No worker finished this task before its deadline; submit it again.",
    retryable=True,
)


@dataclass(frozen=True, slots=True)
class Usage:
    """The resources that a worker used for a task.

    Attributes:
        batch_size: the number of tasks that the worker processed together.
        engine: the engine that ran the network.
        gb_seconds: the task's share of the billed memory (GB) times the billed time (s).
    """

    batch_size: int
    engine: str
    gb_seconds: float

    @classmethod
    def from_json(cls, members: JsonObject) -> Usage:
        """Read a usage from a row, without fields that newer code has added."""
        return cls(members["batch_size"], members["engine"], members["gb_seconds"])


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a document has been processed.

    Attributes:
        fraction: the bytes that have been read, divided by the size of the file.
        lines: the number of drinks that have been processed: the answered and the failed ones.
        answered: the number of lines with suggestions.
        failed: the number of lines with an error.
    """

    fraction: float = 0.0
    lines: int = 0
    answered: int = 0
    failed: int = 0

    @classmethod
    def from_json(cls, members: JsonObject) -> Progress:
        """Read a progress from a row, without fields that newer code has added."""
        names = ("fraction", "lines", "answered", "failed")
        return cls(*(members[name] for name in names))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a task: a final status, and the fields that are written with it."""

    status: Status
    finished_at: float
    started_at: float | None = None
    result: JsonObject | None = None
    error: TaskError | None = None
    attempts: int = 0
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the table. Times are in seconds since the epoch.

    Attributes:
        progress: the last report about a document, or None.
        webhook: the URL that is called when the task ends, or None.
        batch_id: the batch that the task belongs to, of a batch with a webhook only.
        metadata: pairs of the owner's own, which results repeat.
        traceparent: the caller's position in a trace (W3C Trace Context), or None.
    """

    task_id: str
    owner: str
    input: JsonObject
    created_at: float
    deadline: float
    expires_at: float
    lane: Lane = Lane.INTERACTIVE
    status: Status = Status.PROCESSING
    result: JsonObject | None = None
    error: TaskError | None = None
    attempts: int = 0
    started_at: float | None = None
    finished_at: float | None = None
    usage: Usage | None = None
    progress: Progress | None = None
    webhook: str | None = None
    batch_id: str | None = None
    metadata: dict[str, str] | None = None
    traceparent: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether the task is final."""
        return self.status is not Status.PROCESSING

    def end(self, outcome: Outcome) -> Task:
        """Return the task with this outcome.

        Raises:
            TaskFinished: the task already has a final status.
        """
        if self.is_final:
            raise TaskFinished(self.status)
        return replace(
            self,
            status=outcome.status,
            result=outcome.result,
            error=outcome.error,
            attempts=outcome.attempts,
            started_at=outcome.started_at,
            finished_at=outcome.finished_at,
            usage=outcome.usage,
        )


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """The row that makes a submission with an idempotency key, or a retry, happen once.

    It expires together with the rows of its tasks.

    Attributes:
        record_id: a hash of the owner and the caller's key, or the id of the task to retry.
        fingerprint: hashes of what the submissions mean and of what was sent, separated by a space.
        task_ids: the tasks that the key stands for.
        expires_at: in seconds since the epoch.
    """

    record_id: str
    fingerprint: str
    task_ids: tuple[str, ...]
    expires_at: float

    def is_for(self, fingerprint: str) -> bool:
        """Whether submissions with this fingerprint are those of the record: one hash is equal."""
        return not set(self.fingerprint.split()).isdisjoint(fingerprint.split())
