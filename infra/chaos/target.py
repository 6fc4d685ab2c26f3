"""What a run needs of a stack under test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from random import Random

    from infra.chaos.inspection import Change, Queues


class Target(Protocol):
    """A stack under test. Its port listens from the beginning, even while the stack is down."""

    @property
    def url(self) -> str:
        """The URL of the API."""

    @property
    def queues(self) -> Queues:
        """The queues of the stack."""

    @property
    def disruptions(self) -> Counter[str]:
        """The disruptions so far, by name."""

    def start(self) -> None:
        """Start the API and the workers."""

    def plan(self, tasks: int) -> Sequence[Callable[[], None]]:
        """Return the disruptions of a run with that many tasks."""

    def without_workers(self) -> AbstractContextManager[None]:
        """Stop the workers within the context. The API works again after it, at the latest."""

    def changes(self) -> Iterable[Change]:
        """Return every write to the rows of tasks, in order."""

    def faults(self) -> Counter[str]:
        """Return the faults that the processes have injected into themselves, by name."""


@dataclass(frozen=True)
class TargetSettings:
    """The settings of a stack under test.

    Attributes:
        poison: ingredients that crash the model when they occur together.
        rng: chooses the moments of faults.
        log: the log file of all processes.
        folder: an empty folder.
    """

    poison: frozenset[str]
    rng: Random
    log: str
    folder: Path
