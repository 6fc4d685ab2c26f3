"""What can go wrong while training, as types.

TrainingError
├── DataInvalid      a file of recipes or ingredients that cannot be read or understood
├── DataTooSmall     too few recipes are left to train on or to measure with
└── ExportFailed     the artifacts could not be written; what stood before still stands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class TrainingError(Exception):
    """The root of every error that this package raises on purpose."""


class DataInvalid(TrainingError):
    """A file is broken at a place that the message names, with what to do about it."""

    def __init__(self, path: Path, place: str, problem: str) -> None:
        where = f"{path}, {place}" if place else str(path)
        super().__init__(f"{where}: {problem}")


class DataTooSmall(TrainingError):
    """The recipes that are left are too few for what was asked."""


class ExportFailed(TrainingError):
    """Writing the artifacts failed; the folder that stood before is unchanged."""
