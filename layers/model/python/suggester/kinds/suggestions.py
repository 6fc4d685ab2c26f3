"""The answer of `next` and `complete`, as the caller gets it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """An ingredient to add, and its probability among all that may be added."""

    ingredient: str
    probability: float


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to add to a drink."""

    result: str = field(
        metadata={"description": "The name to add; for `complete`, names separated by `;`."}
    )
    suggestions: list[SuggestionView]
