"""The ingredients that could replace one of a drink.

A substitute fits the drink without the ingredient, and has a similar role. So the probability of
the next ingredient is multiplied by exp(8 * similarity), where the similarity of two ingredients
is that of their weights in the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.masks import probabilities_within
from suggester.requests import Suggestion
from suggester.similar import largest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.ranker import Ranker

    Booleans = NDArray[np.bool_]
    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

SIMILARITY: Final = 8.0
TINY: Final = np.finfo(np.float32).tiny


def substitute(
    ranker: Ranker,
    chosen: Booleans,
    replaced: Ints,
    allowed: Booleans,
    novelty: Floats,
    top_k: Sequence[int],
) -> list[list[Suggestion]]:
    """Return up to `top_k` substitutes for an ingredient of each drink, most probable first.

    A drink of one ingredient becomes an empty drink, whose substitute may begin a drink.

    Args:
        ranker: the model.
        chosen: the drinks with the ingredient, (B, V).
        replaced: the column of the ingredient, (B,).
        allowed: the ingredients that the filters allow, (B, V).
        novelty: (B,), from 0 to 1.
        top_k: the number of substitutes for each drink, (B,).

    Raises:
        MaskEmpty: nothing may replace the ingredient of one of the drinks.
        NetworkInvalid: the network returned NaN or an infinite value.
    """
    rows = np.arange(len(chosen))
    remaining, free = chosen.copy(), allowed.copy()
    remaining[rows, replaced] = False
    free[rows, replaced] = False
    probabilities = ranker.probabilities(remaining, free, novelty)
    factors = role_factors(ranker.knowledge.embedding, replaced)
    candidates = ranker.masks.candidates(remaining, free)
    scaled = probabilities_within(candidates, np.maximum(probabilities * factors, TINY))
    return [_suggest(ranker.ids, row, count) for row, count in zip(scaled, top_k, strict=True)]


def role_factors(embedding: Floats | None, replaced: Ints) -> Floats:
    """Return how much more each ingredient counts that is like the replaced one, (B, V).

    The factors are at most 1. Without an embedding all are equal.
    """
    if embedding is None:
        return np.ones((len(replaced), 1), np.float32)
    similarities: Floats = embedding[replaced] @ embedding.T
    similarities -= similarities.max(axis=1, keepdims=True)
    factors: Floats = np.exp(np.float32(SIMILARITY) * similarities)
    return factors


def _suggest(ids: NDArray[np.object_], probabilities: Floats, count: int) -> list[Suggestion]:
    best = largest(probabilities, count)
    values = probabilities[best].tolist()
    return [
        Suggestion(name, value) for name, value in zip(ids[best], values, strict=True) if value > 0
    ]
