"""Answers as JSON and CSV, on standard output or in a file."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from barback import Result
    from barback._cli.input_file import Entry

COLUMNS: Final = ("line", "ingredients", "task_id", "status", "result", "probability", "error")


def to_json(value: Any) -> str:
    """Return an answer, or what holds answers, as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, default=_members)


def _members(value: Any) -> dict[str, Any]:
    return asdict(value)


def write_csv(stream: TextIO, answers: Iterable[tuple[Entry, Result]]) -> None:
    """Write a row of `COLUMNS` for each drink; names in a cell have `;` between them."""
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(COLUMNS)
    for entry, result in answers:
        best = f"{result.suggestions[0].probability:.4f}" if result.suggestions else ""
        rows.writerow(
            (
                entry.line,
                ";".join(entry.drink.ingredients),
                result.task_id,
                result.status,
                ";".join(result.names),
                best,
                result.error.detail if result.error else "",
            )
        )


def write_json(stream: TextIO, answers: Iterable[tuple[Entry, Result]]) -> None:
    """Write an array with the line, the drink and the result of each."""
    entries = [
        {"line": entry.line, "drink": entry.drink.to_json(), **asdict(result)}
        for entry, result in answers
    ]
    stream.write(json.dumps(entries, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def output(path: Path | None) -> Iterator[TextIO]:
    """Open a file that an error leaves as it was before; for None, standard output."""
    if path is None:
        yield sys.stdout
    elif path.exists() and not path.is_file():  # a device or a pipe
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    else:
        with _replaced(path.resolve()) as stream:
            yield stream


@contextmanager
def _replaced(target: Path) -> Iterator[TextIO]:
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partial.open("x", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, partial)
        partial.replace(target)
    except OSError as error:
        error.filename = str(target)  # the user knows of no other
        raise
    finally:
        partial.unlink(missing_ok=True)
