"""The task: its row, its message, and the one transition that it ever makes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from tasks.errors import MessageUnreadable, TaskFinished

MESSAGE_VERSION: Final = 1

JsonObject = dict[str, Any]

_MESSAGE_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "version": (int,),
    "task_id": (str,),
    "owner": (str,),
    "input": (dict,),
    "deadline": (int, float),
}


class Status(StrEnum):
    """PROCESSING is the only status that can change; the other three are final."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    CANCELLED = "CANCELLED"


class Priority(StrEnum):
    """Which queue a task waits in."""

    INTERACTIVE = "interactive"
    BULK = "bulk"
    DOCUMENT = "document"


class ErrorType(StrEnum):
    """The stable names of the ways in which a task can fail."""

    MAX_RETRIES_EXCEEDED = "max-retries-exceeded"
    DEADLINE_EXCEEDED = "deadline-exceeded"
    PREDICTION_FAILED = "prediction-failed"
    EMPTY_MASK = "empty-mask"
    DOCUMENT_MISSING = "document-missing"
    DOCUMENT_TOO_LONG = "document-too-long"
    WORKER_LOST = "worker-lost"


@dataclass(frozen=True, slots=True)
class TaskError:
    """Why a task failed, and whether submitting the same drink again may help."""

    type: ErrorType
    detail: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker put into a task: its share of a batch.

    Attributes:
        batch_size: how many tasks were worked on at once.
        engine: what ran the network.
        gb_seconds: the task's share of the memory times the time that Lambda bills.
    """

    batch_size: int
    engine: str
    gb_seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ends: a final status with what belongs to it."""

    status: Status
    finished_at: float
    started_at: float | None = None
    result: JsonObject | None = None
    error: TaskError | None = None
    attempts: int = 0
    work: Work | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the table. Times are seconds since the epoch."""

    task_id: str
    owner: str
    input: JsonObject
    created_at: float
    deadline: float
    expires_at: float
    priority: Priority = Priority.INTERACTIVE
    status: Status = Status.PROCESSING
    result: JsonObject | None = None
    error: TaskError | None = None
    attempts: int = 0
    started_at: float | None = None
    finished_at: float | None = None
    work: Work | None = None

    @property
    def is_final(self) -> bool:
        """Tell whether the task has ended, and will stay as it is."""
        return self.status is not Status.PROCESSING

    def end(self, outcome: Outcome) -> Task:
        """Return the task as it is after `outcome`.

        Raises:
            TaskFinished: the task has a final status already.
        """
        if self.is_final:
            raise TaskFinished(self)
        return replace(
            self,
            status=outcome.status,
            result=outcome.result,
            error=outcome.error,
            attempts=outcome.attempts,
            started_at=outcome.started_at,
            finished_at=outcome.finished_at,
            work=outcome.work,
        )


@dataclass(frozen=True, slots=True)
class SubmissionKey:
    """What makes a submission happen once: a row of its own, which goes when its tasks' rows go.

    `key_id` names the owner and the caller's key, `fingerprint` the body, both as hashes.
    """

    key_id: str
    fingerprint: str
    task_ids: tuple[str, ...]
    expires_at: float


@dataclass(frozen=True, slots=True)
class TaskMessage:
    """What a worker needs to know of a task, so that it reads nothing to start."""

    task_id: str
    owner: str
    input: JsonObject
    deadline: float

    @classmethod
    def of(cls, task: Task) -> TaskMessage:
        """Make the message that stands for `task` in a queue."""
        return cls(task.task_id, task.owner, task.input, task.deadline)

    def encode(self) -> str:
        """Write the message as compact JSON."""
        body = {
            "version": MESSAGE_VERSION,
            "task_id": self.task_id,
            "owner": self.owner,
            "input": self.input,
            "deadline": self.deadline,
        }
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def decode(cls, text: str) -> TaskMessage:
        """Read a message back.

        Raises:
            MessageUnreadable: the text is not a message of this version.
        """
        try:
            body = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise MessageUnreadable("The body is not JSON.") from error
        if not isinstance(body, dict):
            raise MessageUnreadable("The body is not a JSON object.")
        for name, kinds in _MESSAGE_FIELDS.items():
            if not isinstance(body.get(name), kinds) or isinstance(body[name], bool):
                raise MessageUnreadable(f"The field {name} is missing or of the wrong type.")
        if body["version"] != MESSAGE_VERSION:
            raise MessageUnreadable(f"The message is not of version {MESSAGE_VERSION}.")
        return cls(body["task_id"], body["owner"], body["input"], float(body["deadline"]))
