"""What the service answers. Members that a later version adds are left out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(StrEnum):
    """Where a task stands; all but the first are final."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Answer:
    """A part of an answer whose members are plain values, named as its fields."""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Read it from JSON; a member that is not there has its field's default."""
        return cls(**{field.name: body[field.name] for field in fields(cls) if field.name in body})

    @classmethod
    def of_optional(cls, body: Mapping[str, Any] | None) -> Self | None:
        """Read it from JSON, where null means that there is none."""
        return None if body is None else cls.of(body)


@dataclass(frozen=True, slots=True)
class Suggestion(Answer):
    """An ingredient to add and its probability among all that may be added."""

    ingredient: str
    probability: float


@dataclass(frozen=True, slots=True)
class Failure(Answer):
    """Why a task, or a line of a document, failed."""

    type: str
    detail: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Timings(Answer):
    """How long a task took, in seconds; None where it never got that far."""

    queued: float | None = None
    computed: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Receipt(Answer):
    """What a task took: its share of the batch, and what that costs in USD at `prices`' date."""

    batch_size: int
    engine: str
    gb_seconds: float
    aws_calls: float
    usd: float
    prices: str


@dataclass(frozen=True, slots=True)
class Document(Answer):
    """Where the answers to a document's lines are, for `expires_in` seconds."""

    url: str
    expires_in: int
    lines: int
    answered: int
    failed: int


@dataclass(frozen=True, slots=True)
class Task:
    """A task and where it stands."""

    task_id: str
    status: Status

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Task:
        """Read it from JSON."""
        return cls(body["task_id"], Status(body["status"]))

    @property
    def is_final(self) -> bool:
        """Whether it has ended; a final status never changes."""
        return self.status is not Status.PROCESSING


@dataclass(frozen=True, slots=True)
class Result(Task):
    """How a task ended, or only where it stands while it has not.

    `result` is the name to add; with `complete`, names with `;` between them.
    """

    result: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    error: Failure | None = None
    attempts: int = 0
    timings: Timings | None = None
    model: str | None = None
    receipt: Receipt | None = None
    document: Document | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Result:
        """Read it from JSON."""
        return cls(
            task_id=body["task_id"],
            status=Status(body["status"]),
            result=body.get("result", ""),
            suggestions=tuple(map(Suggestion.of, body.get("suggestions", ()))),
            error=Failure.of_optional(body.get("error")),
            attempts=body.get("attempts", 0),
            timings=Timings.of_optional(body.get("timings")),
            model=body.get("model"),
            receipt=Receipt.of_optional(body.get("receipt")),
            document=Document.of_optional(body.get("document")),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names to add, in order."""
        succeeded = self.status is Status.SUCCESS and self.result
        return tuple(self.result.split(";")) if succeeded else ()


@dataclass(frozen=True, slots=True)
class Line:
    """The answer to one line of a document; lines are counted from 1."""

    line: int
    result: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    error: Failure | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Line:
        """Read it from JSON."""
        return cls(
            body["line"],
            body.get("result", ""),
            tuple(map(Suggestion.of, body.get("suggestions", ()))),
            Failure.of_optional(body.get("error")),
        )


@dataclass(frozen=True, slots=True)
class Ingredient(Answer):
    """An ingredient that the model knows, and whether it begins or goes on a drink."""

    id: str
    name: str
    base: bool
    additive: bool


@dataclass(frozen=True, slots=True)
class Queue(Answer):
    """How busy a queue is: tasks waiting and at work, tasks per second, seconds to wait.

    None where nothing has been observed yet.
    """

    depth: int
    in_flight: int
    rate: float | None
    expected_wait: float | None
