"""Read lines.tsv: 150 English and 150 Russian lines, a random half of each held out.

Labels stand in the line: `[name|id quantity unit]`, as far as the line has a quantity and a unit.
`[name|-id]` is an ingredient that the line excludes, and `[name|?]` one that the vocabulary lacks.
A range is labelled with its middle.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

FILE: Final = Path(__file__).with_name("lines.tsv")
HALVES: Final = ("development", "held-out")
_PART: Final = re.compile(r"\[([^\]|]*)\|([^\]]*)\]|[^\[]+")


class Label(NamedTuple):
    """An ingredient at a place in a line; `ingredient` is None if the vocabulary lacks it."""

    ingredient: str | None
    start: int
    end: int
    quantity: float | None
    unit: str | None
    negated: bool


class Line(NamedTuple):
    """A text with its labels."""

    half: str
    language: str
    text: str
    labels: tuple[Label, ...]


def read_lines() -> list[Line]:
    """Return the labelled lines."""
    _, *rows = FILE.read_text(encoding="utf-8").splitlines()
    return [_parse(*row.split("\t")) for row in rows]


def _parse(half: str, language: str, marked: str) -> Line:
    text = ""
    labels = []
    for part in _PART.finditer(marked):
        start = len(text)
        text += part[1] or part[0]
        if part[2]:
            labels.append(_label(part[2].split(), start, len(text)))
    return Line(half, language, text, tuple(labels))


def _label(fields: list[str], start: int, end: int) -> Label:
    ingredient, *rest = fields
    return Label(
        ingredient=None if ingredient == "?" else ingredient.removeprefix("-"),
        start=start,
        end=end,
        quantity=float(rest[0]) if rest else None,
        unit=rest[1] if len(rest) > 1 else None,
        negated=ingredient.startswith("-"),
    )
