"""Reads drinks from a file, one per line."""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer

from barback._drink import Drink, checked_kind
from barback._input import Input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from barback._input import AnyInput

STDIN: Final = "-"
FIELDS: Final = tuple(field.name for field in fields(Drink))
NAME_LISTS: Final = ("ingredients", "exclude", "only")
LISTS: Final = ("kind", *NAME_LISTS)
KINDS: Final = ("next", "complete")  # whose fields are known here
UTF8_BOM: Final = b"\xef\xbb\xbf"
JSON_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class InputLine:
    """A drink and the number of its line in the file, from 1; or the reason why there is none."""

    number: int
    drink: AnyInput | None
    error: str = ""


def read_lines(source: str, defaults: Drink, *, strict: bool) -> list[InputLine]:
    """Read a file, or standard input for `-`.

    A line is JSON (the fields of its kind, or an array of names), or names separated by `;`. A
    field of a line replaces the one of `defaults`, except for `exclude`, which adds to it.

    A line that cannot be read has no drink. JSON that may continue on the next line is different:
    a later part of it could look like a drink without its exclusions, so the file is refused.

    Raises:
        typer.BadParameter: a line has incomplete JSON, or the file has no drinks. If `strict`, a
            line cannot be read.
    """
    content = _read(source)
    lines = []
    for number, line in enumerate(content.removeprefix(UTF8_BOM).splitlines(), 1):
        try:
            text = line.decode().strip()
            if text:
                lines.append(InputLine(number, _parse(text, defaults.kind).with_defaults(defaults)))
        except (ValueError, TypeError, RecursionError, csv.Error) as error:
            reason = _explain(error)
            if strict or _may_continue(line):
                raise typer.BadParameter(f"{source}, line {number}: {reason}") from error
            lines.append(InputLine(number, None, reason))
    if not lines:
        raise typer.BadParameter(f"{source} has no drinks. Write one drink per line.")
    return lines


def _may_continue(line: bytes) -> bool:
    """Whether JSON, valid or not, leaves a string or a bracket open at the end of the line."""
    outside = JSON_STRING.sub(b"", line.strip())
    opened = sum(map(outside.count, (b"[", b"{"))) - sum(map(outside.count, (b"]", b"}")))
    return outside[:1] in (b"[", b"{") and (opened > 0 or b'"' in outside)


def _parse(text: str, default_kind: str | Sequence[str] | None) -> AnyInput:
    if text[0] in "[{":
        value = parse_json(text)
    else:
        [cells] = csv.reader([text], delimiter=";", strict=True)
        value = [name for cell in cells if (name := cell.strip())]
    members = {"ingredients": value} if isinstance(value, list) else value
    kind = members.get("kind") or default_kind or "next"
    if set(KINDS) >= ({kind} if isinstance(kind, str) else set(checked_kind(kind))):
        return Drink(**_known_fields(members))
    return Input.from_json({**members, "kind": kind})  # the service knows its fields


def parse_json(text: str) -> Any:
    """Read JSON strictly. A ValueError says what is wrong."""
    value = json.loads(
        text,
        object_pairs_hook=_unique_fields,
        parse_constant=_refuse_constant,
        parse_float=_parse_number,
        parse_int=_parse_number,
    )
    # A string that no request could carry fails here, where its line is known.
    json.dumps(value, ensure_ascii=False).encode()
    return value


def read_object(source: str) -> dict[str, Any]:
    """Read a JSON object from a file, or from standard input for `-`.

    Raises:
        typer.BadParameter: it has anything else.
    """
    try:
        value = parse_json(_read(source).decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"{source}: the JSON is not valid ({error}).") from error
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{source}: {_explain(error)}") from error
    if not isinstance(value, dict):
        raise typer.BadParameter(f'{source} is not a JSON object, such as {{"text": "…"}}.')
    return value


def _read(source: str) -> bytes:
    return sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value. Use a number.")


def _parse_number(text: str) -> float:
    if math.isinf(value := float(text)):
        raise ValueError("a number is too large. Use a smaller one.")
    return int(text) if text.removeprefix("-").isdigit() else value


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a repeated field: JSON keeps only the last value, which could drop an exclusion."""
    for name, count in Counter(name for name, _ in pairs).items():
        if count > 1:
            raise ValueError(f"the field {name!r} occurs {count} times. Keep one of them.")
    return dict(pairs)


def _known_fields(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value; null counts as missing."""
    if unknown := sorted(values.keys() - set(FIELDS)):
        raise ValueError(f"unknown field {unknown[0]!r}. A drink has {', '.join(FIELDS)}.")
    for name, value in values.items():
        if name not in (*LISTS, "metadata") and isinstance(value, list | dict):
            raise TypeError(f"{name} is a single value, not a list or an object.")
    return {name: value for name, value in values.items() if value is not None}


def _explain(error: Exception) -> str:
    match error:
        case UnicodeDecodeError():
            return "the text is not UTF-8. Convert the file to UTF-8."
        case UnicodeEncodeError():
            return "a string has a lone surrogate, which is not valid Unicode. Remove it."
        case RecursionError():
            return "the JSON is nested too deeply. A drink has only lists of names."
        case json.JSONDecodeError():
            return f"the JSON is not valid ({error}). Write each drink on one line."
        case csv.Error():
            return f"the quotes do not match ({error}). Close each quote on the same line."
        case _:
            return str(error)
