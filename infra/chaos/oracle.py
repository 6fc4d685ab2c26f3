"""What the model says to one drink alone, and whether an answer that came through agrees."""

from __future__ import annotations

from dataclasses import replace
from math import isclose
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.chaos.generator import Question
    from suggester.requests import Suggestion
    from suggester.suggester import Suggester

TOLERANCE: Final = 1e-5

Pairs = list[tuple[str, float]]


class Truth:
    """Asks the model, one question at a time."""

    def __init__(self, suggester: Suggester) -> None:
        self._suggester = suggester

    def objection(self, question: Question, result: dict[str, Any]) -> str | None:
        """Say what is wrong with the result of a task that succeeded, None if nothing is."""
        told = [(item["ingredient"], item["probability"]) for item in result["suggestions"]]
        if result["model"] != self._suggester.version:
            return f"answered by the model {result['model']}"
        if question.request.kind == "complete":
            [answer] = self._suggester.answer([question.request])
            expected = self._named(answer.suggestions, question)
            joined = ";".join(name for name, _ in expected)
            agrees = [n for n, _ in told] == [n for n, _ in expected] and _close(told, expected)
        else:
            expected = self._ranking(question)
            joined = told[0][0] if told else ""
            agrees = _agrees(told, expected, question.request.top_k)
        if agrees and result["result"] == joined:
            return None
        return f"answered {result['result']} {told}, not {expected[: len(told)]}"

    def _ranking(self, question: Question) -> Pairs:
        """Return all that may be added, best first."""
        everything = replace(question.request, top_k=len(self._suggester.vocabulary))
        [answer] = self._suggester.answer([everything])
        return self._named(answer.suggestions, question)

    def _named(self, suggestions: Sequence[Suggestion], question: Question) -> Pairs:
        vocabulary = self._suggester.vocabulary
        return [
            (
                vocabulary.ingredients[vocabulary.index[found.ingredient]].name(question.language),
                found.probability,
            )
            for found in suggestions
        ]


def _agrees(told: Pairs, ranking: Pairs, top_k: int) -> bool:
    """Compare by name and by rank, so that equals may stand in either order."""
    known = dict(ranking)
    best = ranking[:top_k]
    return (
        len({name for name, _ in told}) == len(best)
        and _close(told, best)
        and all(name in known and _near(value, known[name]) for name, value in told)
    )


def _close(told: Pairs, expected: Pairs) -> bool:
    return len(told) == len(expected) and all(
        _near(value, other) for (_, value), (_, other) in zip(told, expected, strict=True)
    )


def _near(value: float, other: float) -> bool:
    return isclose(value, other, rel_tol=0, abs_tol=TOLERANCE)
