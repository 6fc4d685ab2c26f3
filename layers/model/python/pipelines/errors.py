"""The errors of pipelines.

PipelineError
├── PipelineInvalid  a package of a pipeline cannot be used
└── InputInvalid     fields of an input have values that are not allowed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_REPORTED: Final = 10  # errors of one input
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
        return "; ".join(map(str, self.errors[:MAX_REPORTED])) + "."
