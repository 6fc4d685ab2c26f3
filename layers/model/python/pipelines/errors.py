"""The errors of pipelines.

PipelineError
├── PipelineInvalid  a package of a pipeline cannot be used
├── InputInvalid     fields of an input have values that are not allowed
├── OutputInvalid    the code of a pipeline returned something else than its output
└── PipelineExited   the code of a pipeline raised an error that would end the worker
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_REPORTED: Final = 10  # errors of one input
MAX_FIELD: Final = 64  # characters of a field's name that an error repeats
UNREADABLE: Final = "has fields that this version cannot read"


class PipelineError(Exception):
    """The base class of all errors that this package raises on purpose."""


class PipelineInvalid(PipelineError):
    """A package of a pipeline cannot be used. The message says what to change."""


class FieldError(NamedTuple):
    """The place of an error in an input, such as `exclude[2]`, and its description."""

    at: str
    detail: str

    def __str__(self) -> str:
        return f"{self.at}: {self.detail}" if self.at else self.detail


class InputInvalid(PipelineError):
    """Fields of an input have values that are not allowed."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        detail = "; ".join(map(str, self.errors[:MAX_REPORTED]))
        return detail if detail.endswith("?") else f"{detail}."


class OutputInvalid(PipelineError):
    """The code of a pipeline returned something else than its output. The message has no values."""


class PipelineExited(PipelineError):
    """The code of a pipeline raised an error that would end the worker, such as SystemExit."""


def printable(name: str) -> str:
    """Return the start of a field's name that a caller chose, with `?` for half characters."""
    return name[:MAX_FIELD].encode(errors="replace").decode()


def reason(error: BaseException) -> str:
    """Return the type and the message of an error of foreign code, on one line without a dot."""
    text = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
