"""Read objects from JSON, a list or one object per line, and find their ingredients."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, Final

from suggester.names import normalise
from training.errors import DataInvalid
from training.recipes.cells import find_separator, split_cell
from training.recipes.columns import NoIngredients, find_fields
from training.recipes.labels import find_label_fields

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from training.recipes.labels import Label, LabelFields

MALFORMED: Final = (ValueError, RecursionError)


class Records:
    """Recipes as JSON objects.

    Attributes:
        layout: a description of the form, after the first object was read.
    """

    def __init__(self, stream: IO[str], path: Path, suffix: str, wanted: str | None) -> None:
        self._path = path
        self._wanted = [part.strip() for part in (wanted or "").split(",") if part.strip()]
        self._objects = self._lines(stream) if suffix == ".jsonl" else self._document(stream)
        self._fields: dict[tuple[str, ...], list[str]] = {}
        self._labels: dict[tuple[str, ...], LabelFields] = {}
        self.layout = "no recipes"

    def rows(self) -> Iterator[tuple[list[Any], str, Label]]:
        """Yield the values of the ingredients, the place and the label of each object.

        Raises:
            DataInvalid: the JSON is malformed, or an object has no ingredients.
        """
        for value, place in self._objects:
            fields = self._fields_of(value, place)
            yield self._values(value, fields, place), place, self._label(value, fields)

    def _lines(self, stream: IO[str]) -> Iterator[tuple[Any, str]]:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                place = f"line {number}"
                try:
                    yield json.loads(line), place
                except MALFORMED as error:
                    problem = f"invalid JSON ({error}); write one object per line."
                    raise DataInvalid(self._path, place, problem) from error

    def _document(self, stream: IO[str]) -> Iterator[tuple[Any, str]]:
        first = stream.readline()
        if _is_object(first) and (second := stream.readline()).strip():
            yield from self._lines(iter([first, second, *stream]))  # type: ignore[arg-type]
            return
        try:
            value = json.loads(first + stream.read())
        except json.JSONDecodeError as error:
            problem = f"invalid JSON ({error.msg}); correct it."
            raise DataInvalid(self._path, f"line {error.lineno}", problem) from error
        except MALFORMED as error:
            raise DataInvalid(self._path, "", f"invalid JSON ({error}); correct it.") from error
        yield from ((each, f"index {index}") for index, each in enumerate(self._entries(value)))

    def _entries(self, value: Any) -> list[Any]:
        """Return the list of objects: the document itself, or the only list in it."""
        if isinstance(value, list):
            return value
        if isinstance(value, dict):
            if self._find(tuple(value)):
                return [value]
            lists = [each for each in value.values() if isinstance(each, list)]
            if len(lists) == 1 or not any(value.values()):
                return lists[0] if lists else []
        raise NoIngredients(self._path, "", 'not a list; write [{"ingredients": [...]}, ...].')

    def _fields_of(self, value: Any, place: str) -> list[str]:
        fields = self._find(tuple(value)) if isinstance(value, dict) else []
        if fields:
            return fields
        problem = 'no list "ingredients"; write {"ingredients": [...]}, or set COLUMNS=.'
        kind = DataInvalid if any(self._fields.values()) else NoIngredients
        raise kind(self._path, place, problem)

    def _find(self, names: tuple[str, ...]) -> list[str]:
        if names not in self._fields:
            chosen = [name for name in names if normalise(name) in map(normalise, self._wanted)]
            found = chosen if self._wanted else [names[index] for index in find_fields(names)]
            self._fields[names] = found
            if found:
                many = (
                    f"fields {found[0]} to {found[-1]}" if len(found) > 1 else f"field {found[0]}"
                )
                self.layout = many
        return self._fields[names]

    def _label(self, value: dict[str, Any], fields: list[str]) -> Label:
        names = tuple(value)
        if names not in self._labels:
            taken = [index for index, name in enumerate(names) if name in fields]
            self._labels[names] = find_label_fields(names, taken)
        return self._labels[names].read(dict(enumerate(value.values())))

    def _values(self, value: dict[str, Any], fields: list[str], place: str) -> list[Any]:
        values: list[Any] = []
        for field in fields:
            content = value[field]
            if isinstance(content, list):
                values += content
            elif isinstance(content, str):
                separator = find_separator([content]) if len(fields) == 1 else ""
                values += split_cell(content, separator)
            elif content is not None:
                problem = f'{field!r} is not a list; write {{"ingredients": [...]}}.'
                raise DataInvalid(self._path, place, problem)
        return values


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except MALFORMED:
        return False
