"""Read recipes from a .tsv, .csv, .txt, .json or .jsonl file, which may be compressed (.gz)."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from suggester.names import normalise
from suggester.requests import SEPARATOR
from training.errors import DataInvalid
from training.names import COMMENT, check_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Recipe:
    """A set of normalised ingredient names, and its place in the file: `line 3` or `index 2`."""

    names: frozenset[str]
    place: str


def read_recipes(path: Path) -> list[Recipe]:
    """Read a file of recipes, whose name indicates its format.

    Raises:
        DataInvalid: the file or a place in it is malformed, or no recipe has two names.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compressed = suffixes[-1:] == [".gz"]
    reader = _READERS.get("".join(suffixes[-2:-1] if compressed else suffixes[-1:]))
    if reader is None:
        problem = f"unknown format; use {', '.join(_READERS)}, optionally followed by .gz."
        raise DataInvalid(path, "", problem)
    recipes = list(_read(path, gzip.open if compressed else open, reader))
    if not any(len(recipe.names) > 1 for recipe in recipes):
        raise DataInvalid(
            path, "", "no recipe has two ingredients; check the separator between names."
        )
    return recipes


def _read(path: Path, open_file: Callable[..., Any], reader: Reader) -> Iterator[Recipe]:
    lines = _Lines(path)
    try:
        with open_file(path, "rb") as stream:
            for names, place in reader(lines, stream):
                yield Recipe(_normalise_names(names, path, place), place)
    except UnicodeDecodeError as error:
        raise DataInvalid(path, lines.place, "not UTF-8 text; convert the file.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        problem = "the .gz file is damaged; compress it again."
        raise DataInvalid(path, f"after {lines.place}", problem) from error
    except OSError as error:
        raise DataInvalid(path, "", f"the file cannot be read ({error.strerror}).") from error


class _Lines:
    """Decodes a file line by line, and counts lines so that an error can name its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._count = 0

    @property
    def place(self) -> str:
        return f"line {self._count}"

    def decode(self, stream: BinaryIO) -> Iterator[str]:
        for self._count, line in enumerate(stream, start=1):
            yield line.decode("utf-8-sig" if self._count == 1 else "utf-8")


def _separated(separator: str) -> Reader:
    def read(lines: _Lines, stream: BinaryIO) -> Iterator[tuple[list[Any], str]]:
        for text in filter(str.strip, lines.decode(stream)):
            yield [part for part in text.split(separator) if part.strip()], lines.place

    return read


def _json_lines(lines: _Lines, stream: BinaryIO) -> Iterator[tuple[list[Any], str]]:
    for text in filter(str.strip, lines.decode(stream)):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            problem = f"invalid JSON ({error}); write one object per line."
            raise DataInvalid(lines.path, lines.place, problem) from error
        yield _ingredients(value, lines.path, lines.place), lines.place


def _json_list(lines: _Lines, stream: BinaryIO) -> Iterator[tuple[list[Any], str]]:
    text = "".join(lines.decode(stream))
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        problem = f"invalid JSON ({error.msg}); correct it."
        raise DataInvalid(lines.path, f"line {error.lineno}", problem) from error
    except (ValueError, RecursionError) as error:
        raise DataInvalid(lines.path, "", f"invalid JSON ({error}); correct it.") from error
    if not isinstance(values, list):
        raise DataInvalid(lines.path, "", 'not a list; write [{"ingredients": [...]}, ...].')
    for index, value in enumerate(values):
        yield _ingredients(value, lines.path, f"index {index}"), f"index {index}"


def _ingredients(value: Any, path: Path, place: str) -> list[Any]:
    found = value.get("ingredients") if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise DataInvalid(path, place, 'no list "ingredients"; write {"ingredients": [...]}.')
    return found


def _normalise_names(names: list[Any], path: Path, place: str) -> frozenset[str]:
    for name in names:
        if not isinstance(name, str) or not name.strip():
            problem = f"{name!r} is not a name; write each ingredient as a string."
            raise DataInvalid(path, place, problem)
        check_name(normalise(name), path, place, SEPARATOR + COMMENT)
    return frozenset(map(normalise, names))


if TYPE_CHECKING:
    Reader = Callable[[_Lines, BinaryIO], Iterator[tuple[list[Any], str]]]

_READERS: Final[dict[str, Reader]] = {
    ".tsv": _separated("\t"),
    ".csv": _separated(";"),
    ".txt": _separated(";"),
    ".json": _json_list,
    ".jsonl": _json_lines,
}
