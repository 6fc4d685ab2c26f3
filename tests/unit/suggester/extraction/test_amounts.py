"""Quantities and units are read, and belong to the right ingredient."""

from __future__ import annotations

import pytest

from suggester.artifacts import DEFAULT, Artifacts
from suggester.extraction import Extractor
from suggester.units import UNITS, find_unit
from suggester.vocabulary import Vocabulary

EXTRACTOR = Extractor(Vocabulary.load(Artifacts.open(DEFAULT)))


def amounts(text: str) -> list[tuple[str, float | None, str | None]]:
    return [
        (each.ingredient, each.quantity and round(each.quantity, 2), each.unit)
        for each in EXTRACTOR.extract(text).found
    ]


@pytest.mark.parametrize(
    ("text", "quantity", "unit"),
    [
        ("200 ml milk", 200, "ml"),
        ("200ml milk", 200, "ml"),
        ("milk 200 ml", 200, "ml"),
        ("milk: 200 ml", 200, "ml"),
        ("milk - 200 ml", 200, "ml"),
        ("milk (200 ml)", 200, "ml"),
        ("1,5 л молока", 1.5, "l"),
        ("1.5 l milk", 1.5, "l"),
        ("1/2 cup milk", 0.5, "cup"),
        ("½ cup milk", 0.5, "cup"),
        ("1½ cups milk", 1.5, "cup"),
        ("1 1/2 cups milk", 1.5, "cup"),
        ("2-3 cups milk", 2.5, "cup"),
        ("2 to 3 cups milk", 2.5, "cup"),
        ("2 x 50 ml milk", 100, "ml"),
        ("1,000 ml milk", 1000, "ml"),
        ("milk x 2", 2, None),
        ("1 (400 ml) can milk", 1, "can"),
        ("2 eggs", 2, None),
        ("яйцо 2 шт.", 2, "piece"),
        ("2 ч. л. сахара", 2, "tsp"),
        ("2ст.л. сахара", 2, "tbsp"),
        ("3 столовые ложки сахара", 3, "tbsp"),
        ("чайную ложку мёда", 1, "tsp"),
        ("горсть клубники", 1, "handful"),
        ("щепотки соли", None, "pinch"),
        ("a handful of strawberries", 1, "handful"),
        ("half an avocado", 0.5, None),
        ("пол-лимона", 0.5, None),
        ("полстакана сливок", 0.5, "glass"),
        ("полтора литра воды", 1.5, "l"),
        ("две трети стакана воды", 0.67, "glass"),
        ("масло сливочное 82,5% 100 г", 100, "g"),
        ("молоко", None, None),
        ("0/0 cup milk", 0, "cup"),
        (f"{'1' * 400}/3 cups milk", None, "cup"),
        (f"{'1' * 5000} cups milk", None, "cup"),
    ],
)
def test_an_amount_is_read(text: str, quantity: float | None, unit: str | None) -> None:
    [(_, found, found_unit)] = amounts(text)
    assert (found, found_unit) == (quantity, unit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200 ml milk 1 banana", [("milk", 200, "ml"), ("banana", 1, None)]),
        ("milk 200 ml banana 1", [("milk", 200, "ml"), ("banana", 1, None)]),
        ("milk, 200 ml, banana, 1", [("milk", 200, "ml"), ("banana", 1, None)]),
        ("milk, 2 eggs", [("milk", None, None), ("egg", 2, None)]),
        ("milk\n2 eggs", [("milk", None, None), ("egg", 2, None)]),
        ("milk with 2 eggs", [("milk", None, None), ("egg", 2, None)]),
        ("50 ml rum, milk", [("milk", None, None)]),
        ("wait 5 minutes, then add milk", [("milk", None, None)]),
        ("milk 3.5%", [("milk", None, None)]),
        ("I can drink milk", [("milk", None, None)]),
    ],
)
def test_an_amount_belongs_to_its_neighbour(
    text: str, expected: list[tuple[str, float | None, str | None]]
) -> None:
    assert amounts(text) == expected


def test_the_unit_of_a_name_is_read_as_a_unit() -> None:
    """The vocabulary has `щепотка соли` and `долька лайма` among the names."""
    assert amounts("2 щепотки соли") == [("salt", 2, "pinch")]
    assert amounts("2 дольки лайма") == [("lime", 2, "wedge")]


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_a_unit_is_a_form_of_no_other_unit(unit: str) -> None:
    first = UNITS[unit].split("|")[0].replace("s?", "").replace("(?:es)?", "").replace("?", "")
    if first.isalpha():
        assert find_unit(first) == unit


def test_another_word_is_no_unit() -> None:
    assert find_unit("milk") is None
