"""The extraction reaches its targets on lines that were labelled before it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suggester.units import UNITS
from training.extraction.lines import HALVES, Line, read_lines
from training.extraction.scores import LANGUAGES, score

if TYPE_CHECKING:
    from suggester.extraction import Extractor
    from suggester.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return read_lines()


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_reached(
    language: str, half: str, lines: list[Line], extractor: Extractor
) -> None:
    part = [line for line in lines if (line.language, line.half) == (language, half)]
    found = score(part, extractor)
    print(found)
    assert len(part) == 75
    assert found.precision >= 0.95
    assert found.recall >= 0.90
    assert found.quantity >= 0.90
    assert found.unit >= 0.90
    assert found.negation_recall >= 0.85


def test_labels_have_ids_of_the_vocabulary(lines: list[Line], vocabulary: Vocabulary) -> None:
    ids = {label.ingredient for line in lines for label in line.labels if label.ingredient}
    assert ids - vocabulary.index.keys() == set()


def test_labels_have_known_units(lines: list[Line]) -> None:
    units = {label.unit for line in lines for label in line.labels if label.unit}
    assert units - UNITS.keys() == set()
