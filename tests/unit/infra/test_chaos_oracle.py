"""An answer is right if the model says the same of that drink alone."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from infra.chaos.generator import Question
from infra.chaos.oracle import Truth
from suggester.artifacts import Artifacts
from suggester.requests import Request
from suggester.suggester import Suggester

NEXT = Question(Request(("milk",), top_k=3), language="ru")
COMPLETE = Question(Request(("milk",), kind="complete", length=3))


@cache
def suggester() -> Suggester:
    return Suggester.load(Artifacts.open(), "litert")


def told(question: Question) -> dict[str, Any]:
    """What the API shows of the model's own answer."""
    [answer] = suggester().answer([question.request])
    entries = {entry.id: entry for entry in suggester().vocabulary.ingredients}
    names = [entries[found.ingredient].name(question.language) for found in answer.suggestions]
    pairs = zip(names, answer.suggestions, strict=True)
    return {
        "model": suggester().version,
        "result": ";".join(names[: len(answer.added)]),
        "suggestions": [
            {"ingredient": name, "probability": found.probability} for name, found in pairs
        ],
    }


@pytest.mark.parametrize("question", [NEXT, COMPLETE])
def test_the_model_agrees_with_itself(question: Question) -> None:
    """What one drink alone is answered with is right, in the caller's language."""
    assert Truth(suggester()).objection(question, told(question)) is None


@pytest.mark.parametrize("question", [NEXT, COMPLETE])
@pytest.mark.parametrize(("shift", "is_right"), [(5e-6, True), (2e-5, False)])
def test_probabilities_agree_to_the_fifth_place(
    question: Question, shift: float, *, is_right: bool
) -> None:
    """A probability that is off by more than 1e-5 is wrong."""
    result = told(question)
    result["suggestions"][-1]["probability"] += shift
    assert (Truth(suggester()).objection(question, result) is None) is is_right


@pytest.mark.parametrize("question", [NEXT, COMPLETE])
@pytest.mark.parametrize(
    "change",
    [
        {"model": "another"},
        {"result": "something else"},
        {"suggestions": []},
    ],
)
def test_another_answer_is_wrong(question: Question, change: dict[str, Any]) -> None:
    """The model's version, the name and the suggestions must all be the model's."""
    assert Truth(suggester()).objection(question, {**told(question), **change}) is not None


@pytest.mark.parametrize("question", [NEXT, COMPLETE])
def test_another_drink_s_answer_is_wrong(question: Question) -> None:
    """Answers that were mixed up in a batch are found."""
    other = Question(Request(("water", "mint"), question.request.kind, top_k=3, length=4))
    assert Truth(suggester()).objection(question, told(other)) is not None


def test_equals_may_stand_in_either_order() -> None:
    """Two names that exchange near-equal places are both right; far ones are not."""
    result = told(NEXT)
    first, second = (item["ingredient"] for item in result["suggestions"][:2])
    result["suggestions"][0]["ingredient"] = second
    result["suggestions"][1]["ingredient"] = first
    assert Truth(suggester()).objection(NEXT, {**result, "result": second}) is not None
