"""The names in a value: a text, a list, a text that contains a list, or an object with a name."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

LIST: Final = "["  # the mark of a list in JSON or Python
SEPARATORS: Final = ("\n", ";", "|", ",")
NAME_FIELDS: Final = ("ingredient", "name", "text")


class NotAName(Exception):
    """A value contains no name. The message says what to do."""


def find_separator(cells: Iterable[str]) -> str:
    """Return what separates the names in most of the cells; an empty text if nothing does."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if filled and sum(map(_is_list, filled)) * 2 > len(filled):
        return LIST
    for separator in SEPARATORS:
        if sum(separator in cell for cell in filled) * 2 > len(filled):
            return separator
    return ""


def split_cell(cell: str, separator: str) -> list[Any]:
    """Return the values in a cell, split as `find_separator` found."""
    if separator == LIST and _is_list(cell.strip()):
        return _parse_list(cell.strip())
    if separator in SEPARATORS:
        return [part for part in cell.split(separator) if part.strip()]
    return [cell] if cell.strip() else []


def names_in(values: Iterable[Any]) -> Iterator[str]:
    """Yield the name in each value; an empty text for an empty name.

    Raises:
        NotAName: a value is neither text nor an object with a name.
    """
    for value in values:
        name = value
        while isinstance(name, Mapping):
            name = next((name[field] for field in NAME_FIELDS if field in name), 0)
        if name is not None and not isinstance(name, str):
            raise NotAName(f"{value!r} is not a name; write each ingredient as a string.")
        yield name or ""


def _is_list(cell: str) -> bool:
    return cell.startswith("[") and cell.endswith("]")


def _parse_list(cell: str) -> list[Any]:
    for parse in (json.loads, ast.literal_eval):
        try:
            return list(parse(cell))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return [part.strip().strip("'\"") for part in cell[1:-1].split(",")]
