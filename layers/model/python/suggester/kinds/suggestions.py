"""The answer of `next` and `complete`, as the caller gets it."""

from __future__ import annotations

from dataclasses import dataclass, field

from suggester.kinds.understood import Understood


@dataclass(frozen=True)
class KnownDrinkView:
    """A known drink; it has several names if drinks have the same ingredients."""

    names: list[str]


@dataclass(frozen=True)
class BecauseView:
    """Why an ingredient is suggested."""

    share: float = field(metadata={"description": "Its share of the vote of the known drinks."})
    drinks: list[KnownDrinkView] = field(
        metadata={"description": "Up to three known drinks that support it."}
    )


@dataclass(frozen=True)
class SuggestionView:
    """An ingredient to add, and its probability among all that may be added."""

    ingredient: str
    probability: float
    because: BecauseView | None = None


@dataclass(frozen=True)
class Suggestions:
    """What to add to a drink."""

    result: str = field(
        metadata={"description": "The name to add; for `complete`, names separated by `;`."}
    )
    suggestions: list[SuggestionView]
    understood: Understood | None = None
