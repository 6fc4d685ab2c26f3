"""The vote of the training recipes, and its blend with the network's output.

In all shapes, B is the number of drinks, V the number of ingredients in the vocabulary and N the
number of training recipes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from suggester.all_recipes import AllRecipes
from suggester.nearest_recipes import NearestRecipes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MANY: Final = 5_000  # recipes, from which it is faster to look for the nearest ones first
TINY: Final = np.finfo(np.float32).tiny


class Neighbours:
    """Let the training recipes most similar to a drink vote for the ingredients to add.

    The recipes are compressed sparse rows: indptr (N + 1,), indices (entries,) in 0..V-1. The
    weight of a recipe's vote is exp(beta * cosine), with the cosine similarity of the recipe
    and the drink. Of many recipes, only the nearest vote. Threads may share an instance.
    """

    def __init__(
        self, indptr: NDArray[Any], indices: NDArray[Any], vocabulary_size: int, beta: float
    ) -> None:
        recipes = NearestRecipes if len(indptr) > MANY else AllRecipes
        self._recipes = recipes(
            np.asarray(indptr, np.int64), np.asarray(indices, np.int64), vocabulary_size, beta
        )

    def vote(self, chosen: Floats) -> Floats:
        """Return (B, V) votes on the ingredients that each multi-hot drink (B, V) lacks.

        A row adds up to 1. It is all zero if no recipe shares an ingredient with the drink and
        adds another one.
        """
        return self._recipes.vote(chosen)

    def weights(self, chosen: Floats) -> Iterator[Floats]:
        """Yield the weight of each recipe's vote on each multi-hot drink (B, V): B times (N,).

        A weight is relative to the largest one, and 0 if the recipe has no vote on the drink.
        """
        return self._recipes.weights(chosen)


def blend(logits: Floats, vote: Floats, chosen: Floats, weight: float) -> Floats:
    """Blend the network's softmax with the vote: positive weights, (B, V).

    The softmax covers the ingredients that are not chosen; chosen ones get the lowest weight.
    Where the vote is empty, the softmax is used alone.
    """
    free = np.where(chosen > 0, np.float32(-np.inf), logits)
    free -= free.max(axis=1, keepdims=True, initial=np.finfo(np.float32).min)
    softmax = np.exp(free, out=free)
    share = np.float32(weight) * vote.any(axis=1, keepdims=True)
    softmax *= (1 - share) / np.maximum(softmax.sum(axis=1, keepdims=True), TINY)
    softmax += share * vote
    return np.maximum(softmax, TINY, out=softmax)
