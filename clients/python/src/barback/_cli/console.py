"""What every command shares: how it reaches the service, what it says, how it ends."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

import typer
from rich.console import Console
from typer.core import TyperGroup

from barback import ApiError, AsyncBarback, Barback, BarbackError, Retries, Status, TaskEnded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDERR: Final = Console(stderr=True, highlight=False)


class ExitCode(IntEnum):
    """How a command ends; `barback --help` and the README say the same."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4
    PIPE_CLOSED = 141  # as a program that SIGPIPE ended


REFUSALS: Final = frozenset(range(400, 500)) - {429}


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach the service. The key comes from the environment: others see arguments."""

    url: str
    language: str
    key: str = field(repr=False)
    retries: Retries | None = None
    transport: Any = None

    def open(self) -> Barback:
        """Make a client."""
        return Barback(self.url, self.key, **self._options())

    def open_async(self) -> AsyncBarback:
        """Make an asynchronous client."""
        return AsyncBarback(self.url, self.key, **self._options())

    def _options(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "retries": self.retries,
            "transport": self.transport,
        }


class Commands(TyperGroup):
    """Commands whose expected errors are a sentence on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with _explained():
            return super().invoke(ctx)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # now: an error when Python ends is nobody's to explain
    except BarbackError as error:
        note(str(error))
        raise typer.Exit(code_of(error)) from error
    except BrokenPipeError as error:
        _close_stdout()
        raise typer.Exit(ExitCode.PIPE_CLOSED) from error
    except OSError as error:
        _close_stdout()
        note(f"{error.filename or 'The output'}: {error.strerror or error}.")
        raise typer.Exit(ExitCode.USAGE) from error


def _close_stdout() -> None:
    """Keep what could not be written from being written once more when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def note(text: str) -> None:
    """Say something that is no data, on standard error."""
    STDERR.print(f"barback: {text}", soft_wrap=True, markup=False)


def code_of(error: BarbackError) -> ExitCode:
    """Return how a command ends by an error: whether mending it or waiting helps."""
    if isinstance(error, TaskEnded):
        return ExitCode.FAILED
    if isinstance(error, ApiError) and error.status in REFUSALS:
        return ExitCode.REFUSED
    return ExitCode.UNAVAILABLE


def code_for(statuses: Iterable[Status]) -> ExitCode:
    """Return how a command ends that shows tasks of these statuses."""
    found = set(statuses)
    if Status.PROCESSING in found:
        return ExitCode.UNAVAILABLE
    return ExitCode.OK if found <= {Status.SUCCESS} else ExitCode.FAILED
