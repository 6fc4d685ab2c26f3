"""What the kind `categorize` is asked, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from suggester.kinds.fields import Drink, TopK
from suggester.kinds.understood import Understood


@dataclass(frozen=True, kw_only=True)
class CategorizeInput(Drink):
    """A drink."""

    top_k: TopK = field(default=5, metadata={"description": "The number of categories."})


@dataclass(frozen=True)
class CategoryView:
    """A category, and the probability that the drink belongs to it."""

    category: str
    probability: float


@dataclass(frozen=True)
class CategorizeOutput:
    """The most probable categories of a drink, most probable first."""

    categories: list[CategoryView]
    understood: Understood | None = None
