"""Tests of the oracle: a result is correct if it is the model's answer to that drink alone."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from infra.chaos.generator import Document, Drink
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


POISONED = Drink(Request(("water",)), poisoned=True)
DOCUMENT = Document((NEXT, POISONED, COMPLETE))


def document_result() -> dict[str, Any]:
    """The result of the document, with the answers to its lines."""
    failed = {"line": 2, "error": {"type": "prediction-failed", "detail": ""}}
    return {
        "model": suggester().version,
        "document": {"lines": 3, "answered": 2, "failed": 1},
        "answers": [{"line": 1, **result_of(NEXT)}, failed, {"line": 3, **result_of(COMPLETE)}],
    }


def test_one_answer_for_each_line_is_correct() -> None:
    """A poisoned line fails alone."""
    assert Oracle(suggester()).check(DOCUMENT, document_result()) is None


@pytest.mark.parametrize(
    "lines", [[1, 3], [1, 2, 2, 3], [2, 1, 3], [1, 2, 3, 4]], ids=["lost", "twice", "order", "more"]
)
def test_a_line_without_its_answer_is_an_error(lines: list[int]) -> None:
    result = document_result()
    answers = {answer["line"]: answer for answer in result["answers"]}
    result["answers"] = [answers.get(line, {**answers[3], "line": line}) for line in lines]
    assert "not one for each of 3 lines" in str(Oracle(suggester()).check(DOCUMENT, result))


def test_the_answer_of_another_line_is_an_error() -> None:
    result = document_result()
    result["answers"][0] = {**result["answers"][2], "line": 1}
    assert str(Oracle(suggester()).check(DOCUMENT, result)).startswith("line 1 has the result")


def test_a_line_must_fail_only_if_it_is_poisoned() -> None:
    result = document_result()
    result["answers"][0] = {**result["answers"][1], "line": 1}
    result["document"] = {"lines": 3, "answered": 1, "failed": 2}
    assert str(Oracle(suggester()).check(DOCUMENT, result)).startswith("line 1 failed")


def test_a_poisoned_line_must_fail() -> None:
    result = document_result()
    result["answers"][1] = {**result["answers"][2], "line": 2}
    result["document"] = {"lines": 3, "answered": 3, "failed": 0}
    error = Oracle(suggester()).check(DOCUMENT, result)
    assert error == "line 2 succeeded although it is poisoned"


def test_the_counts_must_agree_with_the_answers() -> None:
    result = document_result()
    result["document"]["failed"] = 0
    assert str(Oracle(suggester()).check(DOCUMENT, result)).startswith("counts")
