"""Messages on standard error, and expected errors as messages."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TextIO

import typer
from rich.console import Console
from typer.core import TyperGroup

from barback._cli.exit_codes import ExitCode, exit_code_for_error
from barback._cli.terms import in_own_terms
from barback._errors import BarbackError

if TYPE_CHECKING:
    from collections.abc import Iterator

STDERR: Final = Console(stderr=True, highlight=False)


class CommandGroup(TyperGroup):
    """A group of commands that turns each expected error into a message and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Prepare the streams and run the command line."""
        write_every_letter(sys.stdout)
        write_every_letter(sys.stderr)
        return super().main(*args, **kwargs)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse arguments that no request and no message could contain."""
        for argument in args:
            if not _is_unicode(argument):
                raise typer.BadParameter(
                    f"{argument!r} is not valid Unicode. Type it again, or rename the file."
                )
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with _reported_errors():
            return super().invoke(ctx)


def print_message(text: str) -> None:
    """Print a message on standard error, which keeps standard output free for data."""
    STDERR.print(f"barback: {in_own_terms(text)}", soft_wrap=True, markup=False)


def write_every_letter(stream: TextIO) -> None:
    """Write UTF-8, or to a terminal its own encoding with escapes for letters that it lacks."""
    if isinstance(stream, io.TextIOWrapper):
        encoding = stream.encoding if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _is_unicode(text: str) -> bool:
    """Whether a text has no lone surrogate; Python makes one of a byte that it cannot decode."""
    return text.encode(errors="replace").decode() == text


@contextmanager
def _reported_errors() -> Iterator[None]:
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # a later error, when Python exits, could not be reported
    except BarbackError as error:
        print_message(str(error))
        raise typer.Exit(exit_code_for_error(error)) from error
    except BrokenPipeError as error:
        _discard_stdout()
        raise typer.Exit(ExitCode.PIPE_CLOSED) from error
    except OSError as error:
        _discard_stdout()
        subject = error.filename or "Standard output"
        print_message(f"{subject}: {error.strerror or error}.")
        raise typer.Exit(ExitCode.USAGE) from error


def _discard_stdout() -> None:
    """Keep Python from writing the rest of standard output again when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
