"""Read recipes as people have them: .tsv, .csv, .txt, .json or .jsonl, plain or .gz."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from unicodedata import category

from suggester.vocabulary import normalise
from training.errors import DataInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Recipe:
    """A set of ingredient names, normalised, and where it was read: `line 3` or `index 2`."""

    names: frozenset[str]
    place: str


def read_recipes(path: Path) -> list[Recipe]:
    """Read a file of recipes, its format told by its name.

    Raises:
        DataInvalid: the file or a place in it is broken, or no recipe has two names.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    reader = _READERS.get("".join(suffixes[-2:-1] if packed else suffixes[-1:]))
    if reader is None:
        known = ", ".join(_READERS)
        raise DataInvalid(path, "", f"its format is unknown; name it {known}, plain or .gz.")
    recipes = list(_read(path, gzip.open if packed else open, reader))
    if not any(len(recipe.names) > 1 for recipe in recipes):
        raise DataInvalid(
            path, "", "no recipe in it has two ingredients; check what separates the names."
        )
    return recipes


def _read(path: Path, unpack: Callable[..., Any], reader: Reader) -> Iterator[Recipe]:
    lines = _Lines(path)
    try:
        with unpack(path, "rb") as stream:
            for names, place in reader(lines, stream):
                yield Recipe(_clean(names, path, place), place)
    except UnicodeDecodeError as error:
        raise DataInvalid(path, lines.place, "not UTF-8 text; convert it.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataInvalid(path, f"after {lines.place}", "damaged .gz; pack it again.") from error
    except OSError as error:
        raise DataInvalid(path, "", f"cannot be read ({error.strerror}).") from error


class _Lines:
    """Decodes a file line by line and counts, so that an error can name its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._count = 0

    @property
    def place(self) -> str:
        return f"line {self._count}"

    def of(self, stream: BinaryIO) -> Iterator[str]:
        for self._count, line in enumerate(stream, start=1):
            yield line.decode("utf-8-sig" if self._count == 1 else "utf-8")


def _separated(separator: str) -> Reader:
    def read(lines: _Lines, stream: BinaryIO) -> Iterator[tuple[list[Any], str]]:
        for text in filter(str.strip, lines.of(stream)):
            yield [part for part in text.split(separator) if part.strip()], lines.place

    return read


def _json_lines(lines: _Lines, stream: BinaryIO) -> Iterator[tuple[list[Any], str]]:
    for text in filter(str.strip, lines.of(stream)):
        try:
            value = json.loads(text)
        except ValueError as error:
            problem = f"not valid JSON ({error}); write one object a line."
            raise DataInvalid(lines.path, lines.place, problem) from error
        yield _ingredients(value, lines.path, lines.place), lines.place


def _json_list(lines: _Lines, stream: BinaryIO) -> Iterator[tuple[list[Any], str]]:
    try:
        values = json.loads("".join(lines.of(stream)))
    except json.JSONDecodeError as error:
        problem = f"not valid JSON ({error.msg}); mend it there."
        raise DataInvalid(lines.path, f"line {error.lineno}", problem) from error
    if not isinstance(values, list):
        raise DataInvalid(lines.path, "", "not a list; write [{'ingredients': [...]}, ...].")
    for index, value in enumerate(values):
        yield _ingredients(value, lines.path, f"index {index}"), f"index {index}"


def _ingredients(value: Any, path: Path, place: str) -> list[Any]:
    found = value.get("ingredients") if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise DataInvalid(path, place, 'no list of "ingredients"; write {"ingredients": [...]}.')
    return found


def _clean(names: list[Any], path: Path, place: str) -> frozenset[str]:
    for name in names:
        if not isinstance(name, str) or not name.strip():
            problem = f"{name!r} is no ingredient; write each one as a name in quotes."
            raise DataInvalid(path, place, problem)
        if "#" in name or any(category(letter) in ("Cc", "Cs") for letter in normalise(name)):
            problem = f"{name!r} has a '#' or a control character; rename it."
            raise DataInvalid(path, place, problem)
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
