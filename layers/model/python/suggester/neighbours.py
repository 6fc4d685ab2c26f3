"""A vote of the nearest training recipes, and its mix with the network's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

NEGLIGIBLE = 1e-7
CELLS_AT_ONCE = 1 << 18
TINY = np.finfo(np.float32).tiny


class Neighbours:
    """Let the training recipes most like a drink vote for what it still lacks.

    The recipes are compressed sparse rows: indptr (N + 1,), indices (entries,) in 0..V-1.
    A recipe's say is exp(beta * (cosine - 1)), cosine being that of the two sets.
    """

    def __init__(
        self, indptr: NDArray[Any], indices: NDArray[Any], vocabulary_size: int, beta: float
    ) -> None:
        self._columns = vocabulary_size
        self._beta = beta
        self._starts = np.asarray(indptr[:-1], np.int64)
        self._sizes = np.asarray(indptr[1:], np.int64) - self._starts
        self._members = np.asarray(indices, np.int64)
        self._inverse_norms = 1 / np.sqrt(np.maximum(self._sizes, 1))
        owners = np.repeat(np.arange(len(self._sizes)), self._sizes)
        self._holders = owners[np.argsort(self._members, kind="stable")]
        self._held_by = np.bincount(self._members, minlength=vocabulary_size)
        self._held_from = np.cumsum(self._held_by) - self._held_by

    def vote(self, chosen: Floats) -> Floats:
        """Share out one vote per drink over the names it lacks: multi-hot (B, V) -> (B, V).

        A row is all zero where no recipe shares a name with the drink and adds another.
        """
        votes = np.zeros(chosen.shape, np.float32)
        step = max(1, CELLS_AT_ONCE // (len(self._sizes) + self._columns))
        for start in range(0, len(chosen) if len(self._sizes) else 0, step):
            rows = slice(start, start + step)
            votes[rows] = self._vote_together(chosen[rows] > 0)
        return votes

    def _vote_together(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        near, say = self._nearest(chosen)
        drinks, recipes = np.divmod(near, len(self._sizes))
        sizes = self._sizes[recipes]
        members = self._members[_ranges(self._starts[recipes], sizes)]
        cells = np.repeat(drinks * self._columns, sizes) + members
        votes = np.bincount(cells, np.repeat(say, sizes), chosen.size).reshape(chosen.shape)
        votes[chosen] = 0
        totals = votes.sum(axis=1, keepdims=True)
        return votes / np.where(totals > 0, totals, 1)

    def _nearest(self, chosen: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.float64]]:
        """Find the recipes with a say: cells drink * N + recipe, and their weights.

        Weights are relative to the drink's best recipe, which cannot underflow. A recipe
        that lies within the drink has nothing to add, so it is nobody's best.
        """
        shared = self._shared_names(chosen)
        norms = 1 / np.sqrt(np.maximum(chosen.sum(axis=1, keepdims=True), 1))
        cosine = shared * self._inverse_norms * norms
        cosine[shared >= self._sizes] = 0
        best = cosine.max(axis=1, keepdims=True)
        reach = np.log(NEGLIGIBLE) / self._beta
        near = np.flatnonzero((cosine > 0) & (cosine >= best + reach))
        gap = cosine.ravel()[near] - best[near // len(self._sizes), 0]
        return near, np.exp(self._beta * gap)

    def _shared_names(self, chosen: NDArray[np.bool_]) -> Ints:
        """Count the names that each drink has in common with each recipe, (B, N)."""
        drinks, names = np.nonzero(chosen)
        counts = self._held_by[names]
        holders = self._holders[_ranges(self._held_from[names], counts)]
        cells = np.repeat(drinks * len(self._sizes), counts) + holders
        shape = (len(chosen), len(self._sizes))
        return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)


def mix(logits: Floats, vote: Floats, chosen: Floats, weight: float) -> Floats:
    """Blend the network's softmax over the names not chosen with a vote, as logits (B, V).

    Where the vote is empty the softmax stands alone. Chosen names come out lowest.
    """
    free = chosen == 0
    peak = np.max(logits, axis=1, keepdims=True, where=free, initial=-np.inf)
    raised = np.where(free, np.exp(np.minimum(logits - peak, 0)), 0)
    softmax = raised / np.maximum(raised.sum(axis=1, keepdims=True), TINY)
    share = weight * (vote.sum(axis=1, keepdims=True) > 0)
    blend = (1 - share) * softmax + share * vote
    return np.asarray(np.log(np.maximum(blend, TINY)), np.float32)


def _ranges(starts: Ints, counts: Ints) -> Ints:
    """Lay the ranges start, start + 1, … of these counts one after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + counts, counts) + np.arange(total)
