"""Drinks from a file: one to a line."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import typer

from barback import Drink

STDIN: Final = "-"
MEMBERS: Final = tuple(field.name for field in fields(Drink))


@dataclass(frozen=True, slots=True)
class Entry:
    """A drink and the number of its line, from 1."""

    line: int
    drink: Drink


def read_drinks(source: str, defaults: Drink) -> list[Entry]:
    """Read a file, or standard input for `-`; `defaults` has the options of the command.

    A line is a drink or an array of names in JSON, or else names with `;` between them. Its fields
    replace the defaults, except for `exclude`, which adds to theirs.

    Raises:
        typer.BadParameter: a line is broken, or there is none.
    """
    content = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
    entries = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        try:
            text = line.decode().strip()
            if text:
                entries.append(Entry(number, _drink(text).with_defaults(defaults)))
        except (ValueError, TypeError, RecursionError, csv.Error) as error:
            raise typer.BadParameter(f"{source}, line {number}: {_reason(error)}") from error
    if not entries:
        raise typer.BadParameter(f"{source} has no drinks; write one to a line.")
    return entries


def _drink(text: str) -> Drink:
    if text[0] not in "[{":
        [cells] = csv.reader([text], delimiter=";", strict=True)
        return Drink([name for cell in cells if (name := cell.strip())])
    value = _strict_json(text)
    if isinstance(value, list):
        return Drink(value)
    return Drink(**_members(value))


def _strict_json(text: str) -> Any:
    value = json.loads(text, object_pairs_hook=_unique_fields)
    json.dumps(
        value, ensure_ascii=False, allow_nan=False
    ).encode()  # fails for what HTTP cannot carry
    return value


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object in which a field occurs twice: the first one may exclude an allergy."""
    counts = Counter(name for name, _ in pairs)
    for name, count in counts.items():
        if count > 1:
            raise ValueError(f"the field {name!r} occurs twice; keep one of them.")
    return dict(pairs)


def _members(value: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a drink that have a value: null counts as missing."""
    unknown = sorted(set(value) - set(MEMBERS))
    if unknown:
        raise ValueError(f"a drink has no {unknown[0]!r}; it has {', '.join(MEMBERS)}.")
    return {name: member for name, member in value.items() if member is not None}


def _reason(error: Exception) -> str:
    match error:
        case UnicodeDecodeError():
            return "it is not UTF-8 text; convert the file."
        case UnicodeEncodeError():
            return "it is not valid Unicode; remove its surrogate code points."
        case RecursionError():
            return "it is nested too deeply; a drink holds only lists of names."
        case json.JSONDecodeError():
            return f"it is not JSON ({error})."
        case csv.Error():
            return f"its quotes do not match ({error})."
        case _:
            return str(error)
