"""The contents of the service's responses. Fields that are unknown to this version are ignored."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

import httpx2

from barback._flat_object import FlatObject

if TYPE_CHECKING:
    from collections.abc import Mapping

    JsonObject = dict[str, Any]


class Status(StrEnum):
    """The status of a task. Every status except PROCESSING is final."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Suggestion(FlatObject):
    """An ingredient to add, and its probability among all allowed ingredients.

    `because` is the reason, if the request asks for it, as a JSON object.
    """

    ingredient: str
    probability: float
    because: JsonObject | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Failure(FlatObject):
    """The reason why a task or a line of a document failed."""

    type: str
    detail: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Timings(FlatObject):
    """The duration of each step of a task in seconds; None if the task did not get that far."""

    queued: float | None = None
    computed: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Receipt(FlatObject):
    """The resources that a task used, and their cost in USD at the prices of `prices` (a month).

    `kinds` are those that were asked; for a document, those of lines that name none.
    """

    batch_size: int
    engine: str
    gb_seconds: float
    aws_calls: float
    usd: float
    prices: str
    kinds: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read the receipt of a result."""
        return super(Receipt, cls).from_json({**body, "kinds": tuple(body.get("kinds", ()))})


@dataclass(frozen=True, slots=True)
class DocumentResults(FlatObject):
    """The link to the results of a document's lines, valid for `expires_in` seconds."""

    url: str
    expires_in: int
    lines: int
    answered: int
    failed: int

    def __post_init__(self) -> None:
        httpx2.URL(self.url)  # a link that no request could use is an error of the response


@dataclass(frozen=True, slots=True)
class DocumentProgress(FlatObject):
    """How far the service is with a document; `fraction` is from 0 to 1."""

    fraction: float = 0.0
    lines: int = 0
    answered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """A task and its status.

    `batch_id` is the batch that it was submitted in, if the response is that to a submission.
    """

    task_id: str
    status: Status
    batch_id: str = field(default="", kw_only=True, compare=False)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Task:
        """Read a task from a response."""
        return cls(body["task_id"], Status(body["status"]))

    @property
    def is_final(self) -> bool:
        """Whether the task has ended; a final status never changes."""
        return self.status is not Status.PROCESSING


@dataclass(frozen=True, slots=True)
class Part:
    """The answer to one of several kinds, or the reason why there is none."""

    result: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    output: JsonObject | None = field(default=None, hash=False)
    error: Failure | None = None
    understood: JsonObject | None = field(default=None, hash=False)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Part:
        """Read the part of a result or of a line."""
        return cls(**_answer(body))


@dataclass(frozen=True, slots=True)
class Result(Task):
    """The result of a task; until it ends, only its id, its status and maybe `progress` are set.

    Args:
        result: the name to add. For the kind `complete`, several names, separated by `;`.
        output: the answer of any other kind.
        understood: what was understood of the `text` of the request.
        parts: the answers to several kinds, by kind.
        metadata: as in the request.
    """

    result: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    error: Failure | None = None
    attempts: int = 0
    timings: Timings | None = None
    model: str | None = None
    receipt: Receipt | None = None
    document: DocumentResults | None = None
    progress: DocumentProgress | None = None
    kind: str | tuple[str, ...] | None = None
    output: JsonObject | None = field(default=None, hash=False)
    parts: Mapping[str, Part] = field(default_factory=dict, hash=False)
    understood: JsonObject | None = field(default=None, hash=False)
    metadata: Mapping[str, str] | None = field(default=None, hash=False)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Result:
        """Read a result from a response."""
        kind = body.get("kind")
        return cls(
            task_id=body["task_id"],
            status=Status(body["status"]),
            attempts=body.get("attempts", 0),
            timings=Timings.from_optional_json(body.get("timings")),
            model=body.get("model"),
            receipt=Receipt.from_optional_json(body.get("receipt")),
            document=DocumentResults.from_optional_json(body.get("document")),
            progress=DocumentProgress.from_optional_json(body.get("progress")),
            kind=tuple(kind) if isinstance(kind, list | tuple) else kind,
            parts=_parts(body),
            metadata=body.get("metadata"),
            **_answer(body),
        )

    @property
    def failed_parts(self) -> dict[str, Failure]:
        """The reasons why some of several kinds have no answer, by kind."""
        return _failed(self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The names to add, in order."""
        succeeded = self.status is Status.SUCCESS and self.result
        return tuple(self.result.split(";")) if succeeded else ()


@dataclass(frozen=True, slots=True)
class LineResult:
    """The result of one line of a document. Line numbers start at 1."""

    line: int
    result: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    error: Failure | None = None
    output: JsonObject | None = field(default=None, hash=False)
    parts: Mapping[str, Part] = field(default_factory=dict, hash=False)
    understood: JsonObject | None = field(default=None, hash=False)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> LineResult:
        """Read the result of a line from a document's results."""
        return cls(line=body["line"], parts=_parts(body), **_answer(body))

    @property
    def failed_parts(self) -> dict[str, Failure]:
        """The reasons why some of several kinds have no answer, by kind."""
        return _failed(self.parts)


def _answer(body: Mapping[str, Any]) -> JsonObject:
    return {
        "result": body.get("result", ""),
        "suggestions": tuple(map(Suggestion.from_json, body.get("suggestions", ()))),
        "output": body.get("output"),
        "understood": body.get("understood"),
        "error": Failure.from_optional_json(body.get("error")),
    }


def _parts(body: Mapping[str, Any]) -> dict[str, Part]:
    parts = body.get("parts") or {}
    return {kind: Part.from_json(part) for kind, part in parts.items()}


def _failed(parts: Mapping[str, Part]) -> dict[str, Failure]:
    return {kind: part.error for kind, part in parts.items() if part.error}
