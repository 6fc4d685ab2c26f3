"""The suggestions of the shipped model for well-known half-built drinks."""

from __future__ import annotations

import pytest

from suggester.artifacts import Artifacts
from suggester.requests import Request
from suggester.suggester import Suggester


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    return Suggester.load(Artifacts.open(), "litert")


@pytest.mark.parametrize(
    ("drink", "expected"),
    [
        (("espresso",), "milk"),
        (("black-tea",), "milk"),
        (("earl-grey-tea",), "milk"),
        (("lime", "mint", "sugar"), "sparkling-water"),
        (("chocolate-syrup", "milk"), "sparkling-water"),
    ],
)
def test_a_well_known_ingredient_is_among_the_first_five(
    suggester: Suggester, drink: tuple[str, ...], expected: str
) -> None:
    [answer] = suggester.answer([Request(ingredients=drink, top_k=5)])
    assert expected in [suggestion.ingredient for suggestion in answer.suggestions]
