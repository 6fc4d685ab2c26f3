"""Tests of the oracle: a result is correct if it is the model's answer to that drink alone."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from infra.chaos.generator import Drink
from infra.chaos.oracle import Oracle
from suggester.artifacts import Artifacts
from suggester.requests import Request
from suggester.suggester import Suggester

NEXT = Drink(Request(("milk",), top_k=3), language="ru")
COMPLETE = Drink(Request(("milk",), kind="complete", length=3))


@cache
def suggester() -> Suggester:
    return Suggester.load(Artifacts.open(), "litert")


def result_of(drink: Drink) -> dict[str, Any]:
    """The API's result for the model's own answer."""
    [answer] = suggester().answer([drink.request])
    entries = {entry.id: entry for entry in suggester().vocabulary.ingredients}
    names = [entries[found.ingredient].name(drink.language) for found in answer.suggestions]
    pairs = zip(names, answer.suggestions, strict=True)
    return {
        "model": suggester().version,
        "result": ";".join(names[: len(answer.added)]),
        "suggestions": [
            {"ingredient": name, "probability": found.probability} for name, found in pairs
        ],
    }


@pytest.mark.parametrize("drink", [NEXT, COMPLETE])
def test_the_model_s_own_answer_is_correct(drink: Drink) -> None:
    """The names are compared in the client's language."""
    assert Oracle(suggester()).check(drink, result_of(drink)) is None


@pytest.mark.parametrize("drink", [NEXT, COMPLETE])
@pytest.mark.parametrize(("shift", "is_correct"), [(5e-6, True), (2e-5, False)])
def test_a_probability_may_differ_by_a_hundred_thousandth(
    drink: Drink, shift: float, *, is_correct: bool
) -> None:
    """A larger difference is an error."""
    result = result_of(drink)
    result["suggestions"][-1]["probability"] += shift
    assert (Oracle(suggester()).check(drink, result) is None) is is_correct


@pytest.mark.parametrize("drink", [NEXT, COMPLETE])
@pytest.mark.parametrize(
    "change", [{"model": "another"}, {"result": "something else"}, {"suggestions": []}]
)
def test_a_changed_result_is_an_error(drink: Drink, change: dict[str, Any]) -> None:
    """The model's version, the result and the suggestions must all be the model's."""
    assert Oracle(suggester()).check(drink, {**result_of(drink), **change}) is not None


@pytest.mark.parametrize("drink", [NEXT, COMPLETE])
def test_the_answer_to_another_drink_is_an_error(drink: Drink) -> None:
    """Answers that were swapped within a batch are found."""
    other = Drink(Request(("water", "mint"), drink.request.kind, top_k=3, length=4))
    assert Oracle(suggester()).check(drink, result_of(other)) is not None


def test_swapped_names_with_different_probabilities_are_an_error() -> None:
    """The first two suggestions are not equally probable."""
    result = result_of(NEXT)
    first, second = (item["ingredient"] for item in result["suggestions"][:2])
    result["suggestions"][0]["ingredient"] = second
    result["suggestions"][1]["ingredient"] = first
    assert Oracle(suggester()).check(NEXT, {**result, "result": second}) is not None
