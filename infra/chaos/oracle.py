"""Compares a result with the model's own answer to the same drink."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import isclose
from typing import TYPE_CHECKING, Any, Final

from infra.chaos.generator import Document
from tasks.task import ErrorType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.chaos.generator import Drink, Question
    from suggester.requests import Suggestion
    from suggester.suggester import Suggester

TOLERANCE: Final = 1e-5  # of a probability

Pairs = list[tuple[str, float]]  # names with their probabilities


class Oracle:
    """Asks the model about one drink at a time."""

    def __init__(self, suggester: Suggester) -> None:
        self._suggester = suggester
        self._answer = lru_cache(self._ask)  # the lines of a document repeat

    def check(self, question: Question, result: dict[str, Any]) -> str | None:
        """Return the error in the result of a successful task, or None if it is correct."""
        if result["model"] != self._suggester.version:
            return f"was answered by the model {result['model']}"
        if isinstance(question, Document):
            return self._check_document(question, result)
        return self._check_answer(question, result)

    def _check_document(self, document: Document, result: dict[str, Any]) -> str | None:
        answers = result["answers"]
        if [answer["line"] for answer in answers] != list(range(1, len(document.drinks) + 1)):
            return f"has {len(answers)} answers, not one for each of {len(document.drinks)} lines"
        failed = sum("error" in answer for answer in answers)
        counted = {"lines": len(answers), "answered": len(answers) - failed, "failed": failed}
        if counted.items() - result["document"].items():
            return f"counts {result['document']}, not {counted}"
        for drink, answer in zip(document.drinks, answers, strict=True):
            if error := self._check_line(drink, answer):
                return f"line {answer['line']} {error}"
        return None

    def _check_line(self, drink: Drink, answer: dict[str, Any]) -> str | None:
        if "error" in answer:
            is_expected = drink.poisoned and answer["error"]["type"] == ErrorType.PREDICTION_FAILED
            return None if is_expected else f"failed: {answer['error']}"
        if drink.poisoned:
            return "succeeded although it is poisoned"
        return self._check_answer(drink, answer)

    def _check_answer(self, drink: Drink, result: dict[str, Any]) -> str | None:
        actual = [(item["ingredient"], item["probability"]) for item in result["suggestions"]]
        if drink.request.kind == "complete":
            expected = self._answer(drink)
            added = ";".join(name for name, _ in expected)
            agrees = _same_names(actual, expected) and _same_probabilities(actual, expected)
        else:
            expected = self._ranking(drink)
            added = actual[0][0] if actual else ""
            agrees = _agrees_with_ranking(actual, expected, drink.request.top_k)
        if agrees and result["result"] == added:
            return None
        return f"has the result {result['result']} {actual}, not {expected[: len(actual)]}"

    def _ranking(self, drink: Drink) -> Pairs:
        """Return all ingredients that may be added, best first."""
        request = replace(drink.request, top_k=len(self._suggester.vocabulary))
        return self._answer(replace(drink, request=request))

    def _ask(self, drink: Drink) -> Pairs:
        [answer] = self._suggester.answer([drink.request])
        return self._named(answer.suggestions, drink)

    def _named(self, suggestions: Sequence[Suggestion], drink: Drink) -> Pairs:
        vocabulary = self._suggester.vocabulary
        return [
            (
                vocabulary.ingredients[vocabulary.index[suggestion.ingredient]].name(
                    drink.language
                ),
                suggestion.probability,
            )
            for suggestion in suggestions
        ]


def _agrees_with_ranking(actual: Pairs, ranking: Pairs, top_k: int) -> bool:
    """Compare by name and by rank, so that equally probable names may swap places."""
    known = dict(ranking)
    best = ranking[:top_k]
    return (
        len({name for name, _ in actual}) == len(best)
        and _same_probabilities(actual, best)
        and all(name in known and _is_close(value, known[name]) for name, value in actual)
    )


def _same_names(actual: Pairs, expected: Pairs) -> bool:
    return [name for name, _ in actual] == [name for name, _ in expected]


def _same_probabilities(actual: Pairs, expected: Pairs) -> bool:
    return len(actual) == len(expected) and all(
        _is_close(value, other) for (_, value), (_, other) in zip(actual, expected, strict=True)
    )


def _is_close(value: float, other: float) -> bool:
    return isclose(value, other, rel_tol=0, abs_tol=TOLERANCE)
