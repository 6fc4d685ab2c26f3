"""The vote of all recipes, for few recipes: arithmetic on whole rows of drinks.

In all shapes, B is the number of drinks, V the number of ingredients in the vocabulary and N the
number of training recipes.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from suggester.segment_sum import BufferPool, SegmentSum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Booleans = NDArray[np.bool_]

# The size of a pass. With many recipes the cells limit its memory; with few recipes the drinks
# keep it in the processor's cache.
MAX_CELLS: Final = 1 << 22
MAX_DRINKS: Final = 256


class AllRecipes:
    """The vote of every recipe that shares an ingredient with the drink.

    The recipes are compressed sparse rows: indptr (N + 1,), indices (entries,) in 0..V-1. The
    weight of a recipe's vote is exp(beta * cosine), with the cosine similarity of the recipe
    and the drink. Threads may share an instance; a lock serialises their calls.
    """

    def __init__(
        self, indptr: NDArray[Any], indices: NDArray[Any], vocabulary_size: int, beta: float
    ) -> None:
        ends = np.asarray(indptr, np.int64)
        sizes = ends[1:] - ends[:-1]
        members = np.asarray(indices, np.int64)
        recipes = np.repeat(np.arange(len(sizes)), sizes)
        holders = recipes[np.argsort(members, kind="stable")]
        frequency = np.bincount(members, minlength=vocabulary_size)
        self._beta = beta
        self._sum_by_recipe = SegmentSum(sizes, members, vocabulary_size)
        self._sum_by_ingredient = SegmentSum(frequency, holders, len(sizes))
        self._cells = len(sizes) + self._sum_by_recipe.rows + self._sum_by_ingredient.rows
        self._buffers = BufferPool()
        self._lock = threading.Lock()
        # The smallest type that can count a recipe's ingredients: fewer bytes take less time.
        self._sizes = sizes.astype(np.min_scalar_type(sizes.max(initial=0)))[:, None]
        self._inverse_norms = (1 / np.sqrt(np.maximum(sizes, 1))).astype(np.float32)[:, None]

    def vote(self, chosen: Floats) -> Floats:
        """Return (B, V) votes on the ingredients that each multi-hot drink (B, V) lacks.

        A row adds up to 1. It is all zero if no recipe shares an ingredient with the drink and
        adds another one.
        """
        votes = np.zeros(chosen.shape, np.float32)
        step = min(max(1, MAX_CELLS // max(self._cells, 1)), MAX_DRINKS)
        for start in range(0, len(chosen) if len(self._sizes) else 0, step):
            rows = slice(start, start + step)
            with self._lock:
                votes[rows] = self._vote(chosen[rows] > 0)
        return votes

    def weights(self, chosen: Floats) -> Iterator[Floats]:
        """Yield the weight of each recipe's vote on each multi-hot drink (B, V): B times (N,)."""
        for start in range(0, len(chosen), MAX_DRINKS):
            part = np.zeros((len(chosen[start : start + MAX_DRINKS]), len(self._sizes)), np.float32)
            if part.size:
                with self._lock:
                    part[:] = self._weights(chosen[start : start + MAX_DRINKS] > 0)[:-1].T
            yield from part

    def _vote(self, chosen: Booleans) -> Floats:
        votes = np.where(chosen, np.float32(0), self._sum_by_ingredient(self._weights(chosen)).T)
        totals = votes.sum(axis=1, keepdims=True)
        votes /= np.where(totals > 0, totals, 1)
        return votes

    def _weights(self, chosen: Booleans) -> Floats:
        """Return the weight of each recipe's vote on each drink, (N + 1, B); the last row is zero.

        Weights are relative to the drink's most similar recipe, so the largest cannot underflow.
        A recipe without an ingredient to add gets no weight and does not count as most similar.
        """
        shared = self._count_shared(chosen)
        shared *= shared < self._sizes
        padded: Floats = self._buffers.empty("weights", (len(shared) + 1, len(chosen)), np.float32)
        padded[-1] = 0
        weights = padded[:-1]
        np.multiply(shared, self._inverse_norms, out=weights)
        weights -= weights.max(axis=0)
        weights *= (self._beta / np.sqrt(np.maximum(chosen.sum(axis=1), 1))).astype(np.float32)
        np.exp(weights, out=weights)
        weights *= shared > 0
        return padded

    def _count_shared(self, chosen: Booleans) -> NDArray[np.unsignedinteger[Any]]:
        """Count the ingredients that each recipe shares with each drink, (N, B)."""
        drinks, ingredients = chosen.shape
        members = self._buffers.empty("members", (ingredients + 1, drinks), self._sizes.dtype)
        members[-1] = 0
        members[:-1] = chosen.T
        return self._sum_by_recipe(members)
