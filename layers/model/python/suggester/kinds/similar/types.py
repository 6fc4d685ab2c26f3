"""What the kind `similar` is asked, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from suggester.kinds.fields import Drink, Filters, TopK
from suggester.kinds.understood import Understood


@dataclass(frozen=True, kw_only=True)
class SimilarInput(Filters, Drink):
    """A drink. No known drink with an excluded ingredient is named."""

    top_k: TopK = field(default=5, metadata={"description": "The number of known drinks."})


@dataclass(frozen=True)
class SimilarDrinkView:
    """A known drink."""

    names: list[str] = field(
        metadata={"description": "Several if drinks have the same ingredients."}
    )
    similarity: float = field(metadata={"description": "The Jaccard similarity, from 0 to 1."})
    missing: list[str] = field(metadata={"description": "What the known drink has besides."})
    extra: list[str] = field(metadata={"description": "What the known drink lacks."})


@dataclass(frozen=True)
class SimilarOutput:
    """The known drinks that are most similar to a drink, most similar first."""

    drinks: list[SimilarDrinkView]
    understood: Understood | None = None
