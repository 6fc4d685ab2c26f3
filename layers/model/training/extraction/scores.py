"""The score of the extraction on labelled lines."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table

from suggester.groups import is_group
from training.extraction.lines import HALVES, Label, Line, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from suggester.extraction import Extraction, Extractor, Found, Unknown

LANGUAGES: Final = {"en": "English", "ru": "Russian"}
_TOLERANCE: Final = 0.01  # of quantities, which are labelled with two decimals


class Score(NamedTuple):
    """Shares from 0 to 1.

    Attributes:
        precision: of the ingredients found, those in the labels. A negated one is not.
        recall: of the ingredients in the labels, those found.
        quantity: of the ingredients found at the right place, those with the right quantity.
        unit: the same for units.
        negation_precision: of the ingredients reported as excluded, those that are.
        negation_recall: of the excluded ingredients, those reported as such.
        unknown: of the labelled ingredients that the vocabulary lacks, those reported.
    """

    precision: float
    recall: float
    quantity: float
    unit: float
    negation_precision: float
    negation_recall: float
    unknown: float


def score(lines: Iterable[Line], extractor: Extractor) -> Score:
    """Return the score over all ingredients of the lines."""
    counts: Counter[str] = Counter()
    for line in lines:
        counts += _count(line, extractor.extract(line.text))
    return Score(
        counts["right"] / counts["found"],
        counts["right"] / counts["labelled"],
        counts["quantity"] / counts["placed"],
        counts["unit"] / counts["placed"],
        counts["right negated"] / counts["negated"],
        counts["right negated"] / counts["labelled negated"],
        counts["right unknown"] / counts["labelled unknown"],
    )


def _count(line: Line, result: Extraction) -> Counter[str]:
    named = [label for label in line.labels if label.ingredient and not label.negated]
    negated = [label for label in line.labels if label.negated]
    unknown = [label for label in line.labels if not label.ingredient]
    excluded = [found for found in result.negated if not is_group(found.ingredient)]  # labelled
    pairs = [
        (label, found)
        for label in named
        for found in result.found
        if found.ingredient == label.ingredient and _overlap(found, label)
    ]
    return Counter(
        {
            "found": len(result.found),
            "labelled": len(named),
            "right": _common(named, result.found),
            "placed": len(pairs),
            "quantity": sum(_same_quantity(label.quantity, f.quantity) for label, f in pairs),
            "unit": sum(label.unit == found.unit for label, found in pairs),
            "negated": len(excluded),
            "labelled negated": len(negated),
            "right negated": _common(negated, excluded),
            "labelled unknown": len(unknown),
            "right unknown": sum(
                any(_overlap(place, label) for place in result.unknown) for label in unknown
            ),
        }
    )


def _common(labels: Sequence[Label], found: Sequence[Found]) -> int:
    labelled = Counter(label.ingredient for label in labels)
    return (labelled & Counter[str | None](each.ingredient for each in found)).total()


def _overlap(place: Label | Found | Unknown, other: Label) -> bool:
    return place.start < other.end and other.start < place.end


def _same_quantity(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, abs_tol=_TOLERANCE)


def build_table(extractor: Extractor) -> Table:
    """Return the scores of each language and half as a table."""
    lines = read_lines()
    table = Table(title=f"Extraction from {len(lines)} labelled lines", box=SIMPLE_HEAD)
    table.add_column("lines")
    for name in Score._fields:
        table.add_column(name.replace("_", " "), justify="right")
    for language, title in LANGUAGES.items():
        for half in HALVES:
            part = [line for line in lines if (line.half, line.language) == (half, language)]
            table.add_row(f"{title}, {half}", *(f"{s:.3f}" for s in score(part, extractor)))
    return table
