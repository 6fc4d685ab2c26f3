"""The errors that this package raises on purpose.

TrainingError
├── DataInvalid   a file of recipes, ingredients or roles cannot be read
├── DataTooSmall  too few recipes or ingredients are left
├── ModelWorse    the new model is worse than the one that it would replace, which is unchanged
└── ExportFailed  the output cannot be written; an existing model is unchanged
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MAX_LISTED: Final = 20  # problems in one message


class TrainingError(Exception):
    """The base class of every error that this package raises on purpose."""


class DataInvalid(TrainingError):
    """A file cannot be read. The message names the place and says what to do."""

    def __init__(self, path: Path, place: str, problem: str) -> None:
        super().__init__(path, place, problem)
        self.path = path
        self.place = place
        self.problem = problem

    def __str__(self) -> str:
        where = f"{self.path}, {self.place}" if self.place else str(self.path)
        return f"{where}: {self.problem}"

    @classmethod
    def of(cls, path: Path, problems: list[tuple[str, str]]) -> DataInvalid:
        """Return one error for all problems of a file, each of which is a place and a sentence."""
        if len(problems) == 1:
            return cls(path, *problems[0])
        lines = [f"  {place}: {problem}" for place, problem in problems[:MAX_LISTED]]
        if len(problems) > MAX_LISTED:
            lines.append(f"  and {len(problems) - MAX_LISTED} more")
        return cls(path, "", "\n".join([f"{len(problems)} problems.", *lines]))


class DataTooSmall(TrainingError):
    """Too few recipes or ingredients are left to train or evaluate a model."""


class ModelWorse(TrainingError):
    """The new model is worse than the one that it would replace, which is unchanged."""


class ExportFailed(TrainingError):
    """The output cannot be written; an existing model is unchanged."""
