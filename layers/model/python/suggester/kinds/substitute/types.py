"""What the kind `substitute` is asked, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from suggester.kinds.fields import INGREDIENTS, NOVELTY, TOP_K, Filters, Name, Names, Novelty, TopK
from suggester.kinds.suggestions import SuggestionView


@dataclass(frozen=True, kw_only=True)
class SubstituteInput(Filters):
    """A drink, and one of its ingredients."""

    ingredients: Names = field(default=(), metadata=INGREDIENTS)
    ingredient: Name = field(
        metadata={"description": "The one to replace; it must be one of the ingredients."}
    )
    novelty: Novelty = field(default=0.0, metadata=NOVELTY)
    top_k: TopK = field(default=5, metadata=TOP_K)


@dataclass(frozen=True)
class SubstituteOutput:
    """What could replace the ingredient, best first."""

    suggestions: list[SuggestionView]
