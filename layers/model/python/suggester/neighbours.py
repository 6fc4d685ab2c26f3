"""A vote of the nearest training recipes, and its blend with the network's answer."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from suggester.sums import GroupSums, Scratch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Booleans = NDArray[np.bool_]

# What is computed at once is bounded by memory for many recipes, by the cache for few.
CELLS_AT_ONCE = 1 << 22
DRINKS_AT_ONCE = 256
TINY = np.finfo(np.float32).tiny


class Neighbours:
    """Let the training recipes most like a drink vote for what it still lacks.

    The recipes are compressed sparse rows: indptr (N + 1,), indices (entries,) in 0..V-1.
    A recipe's say is exp(beta * (cosine - 1)), cosine being that of the two sets. Threads that
    share it take turns.
    """

    def __init__(
        self, indptr: NDArray[Any], indices: NDArray[Any], vocabulary_size: int, beta: float
    ) -> None:
        ends = np.asarray(indptr, np.int64)
        sizes = ends[1:] - ends[:-1]
        members = np.asarray(indices, np.int64)
        owners = np.repeat(np.arange(len(sizes)), sizes)
        holders = owners[np.argsort(members, kind="stable")]
        held_by = np.bincount(members, minlength=vocabulary_size)
        self._beta = beta
        self._by_recipe = GroupSums(sizes, members, vocabulary_size)
        self._by_name = GroupSums(held_by, holders, len(sizes))
        self._cells = len(sizes) + self._by_recipe.rows + self._by_name.rows
        self._scratch = Scratch()
        self._turn = threading.Lock()
        # The smallest type that can count a recipe's names: fewer bytes are fewer cycles.
        self._sizes = sizes.astype(np.min_scalar_type(sizes.max(initial=0)))[:, None]
        self._inverse_norms = (1 / np.sqrt(np.maximum(sizes, 1))).astype(np.float32)[:, None]

    def vote(self, chosen: Floats) -> Floats:
        """Share out one vote per drink over the names it lacks: multi-hot (B, V) -> (B, V).

        A row is all zero where no recipe shares a name with the drink and adds another.
        """
        votes = np.zeros(chosen.shape, np.float32)
        step = min(max(1, CELLS_AT_ONCE // max(self._cells, 1)), DRINKS_AT_ONCE)
        for start in range(0, len(chosen) if len(self._sizes) else 0, step):
            rows = slice(start, start + step)
            with self._turn:
                votes[rows] = self._vote_together(chosen[rows] > 0)
        return votes

    def _vote_together(self, chosen: Booleans) -> Floats:
        votes = np.where(chosen, np.float32(0), self._by_name(self._say(chosen)).T)
        totals = votes.sum(axis=1, keepdims=True)
        votes /= np.where(totals > 0, totals, 1)
        return votes

    def _say(self, chosen: Booleans) -> Floats:
        """Weigh each recipe's vote on each drink, (N + 1, B); the last row is zero.

        Weights are relative to the drink's best recipe, which cannot underflow. A recipe
        that lies within the drink has nothing to add, so it has no say and is nobody's best.
        """
        shared = self._shared_names(chosen)
        shared *= shared < self._sizes
        say: Floats = self._scratch.empty("say", (len(shared) + 1, len(chosen)), np.float32)
        say[-1] = 0
        weights = say[:-1]
        np.multiply(shared, self._inverse_norms, out=weights)
        weights -= weights.max(axis=0)
        weights *= (self._beta / np.sqrt(np.maximum(chosen.sum(axis=1), 1))).astype(np.float32)
        np.exp(weights, out=weights)
        weights *= shared > 0
        return say

    def _shared_names(self, chosen: Booleans) -> NDArray[np.unsignedinteger[Any]]:
        """Count the names that each recipe has in common with each drink, (N, B)."""
        drinks, names = chosen.shape
        members = self._scratch.empty("members", (names + 1, drinks), self._sizes.dtype)
        members[-1] = 0
        members[:-1] = chosen.T
        return self._by_recipe(members)


def blend(logits: Floats, vote: Floats, chosen: Floats, weight: float) -> Floats:
    """Mix the network's softmax over the names not chosen with a vote: weights above 0, (B, V).

    Where the vote is empty the softmax stands alone. Chosen names come out lowest.
    """
    free = np.where(chosen > 0, np.float32(-np.inf), logits)
    free -= free.max(axis=1, keepdims=True, initial=np.finfo(np.float32).min)
    softmax = np.exp(free, out=free)
    share = np.float32(weight) * vote.any(axis=1, keepdims=True)
    softmax *= (1 - share) / np.maximum(softmax.sum(axis=1, keepdims=True), TINY)
    softmax += share * vote
    return np.maximum(softmax, TINY, out=softmax)


def mix(logits: Floats, vote: Floats, chosen: Floats, weight: float) -> Floats:
    """Return the blend as logits (B, V)."""
    return np.log(blend(logits, vote, chosen, weight))
