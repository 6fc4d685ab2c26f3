"""The vote of the nearest recipes, for many recipes: only they are looked at one by one.

In all shapes, B is the number of drinks, V the number of ingredients in the vocabulary, N the
number of training recipes and G the number of groups of recipes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]
    Counts = NDArray[np.unsignedinteger[Any]]

NEAREST: Final = 100  # the recipes that vote on a drink, and those as similar as the last of them
MAX_CELLS: Final = 1 << 21  # the counts of a pass, which fit in a processor's cache
DENSE_BYTES: Final = 1 << 22
GROUP: Final = 16  # recipes of the same size that are compared with a threshold as one
TINY: Final = np.finfo(np.float32).tiny


class NearestRecipes:
    """The vote of the recipes that are most similar to a drink.

    The recipes are compressed sparse rows: indptr (N + 1,), indices (entries,) in 0..V-1. The
    weight of a recipe's vote is exp(beta * cosine), with the cosine similarity of the recipe
    and the drink. Threads may share an instance, which never changes.

    The recipes are stored in groups of equal size, so that a group's most similar recipe is the
    one that shares most ingredients. Recipe r of a group g has the place r * G + g; G is the
    number of groups. Places without a recipe count no ingredients.
    """

    def __init__(
        self, indptr: NDArray[Any], indices: NDArray[Any], vocabulary_size: int, beta: float
    ) -> None:
        ends = np.asarray(indptr, np.int64)
        members = np.asarray(indices, np.int64)
        self._members = members.astype(np.min_scalar_type(vocabulary_size))
        self._columns = vocabulary_size
        self._beta = np.float32(beta)
        sizes = np.diff(ends)
        self._recipes = len(sizes)
        # A vote needs only the best of many groups; with few recipes, each one is a group.
        self._group = int(np.clip(len(sizes) // (8 * NEAREST), 1, GROUP))
        places, group_sizes = _places(sizes, self._group)
        self._places = len(group_sizes) * self._group
        self._starts, self._sizes = np.zeros((2, self._places), np.int64)
        self._rows = np.zeros(self._places, np.int64)
        self._rows[places] = np.arange(len(sizes))
        self._starts[places], self._sizes[places] = ends[:-1], sizes
        # The smallest type that can count a recipe's ingredients: fewer bytes take less time.
        self._dtype = np.min_scalar_type(sizes.max(initial=0))
        self._group_sizes = group_sizes.astype(self._dtype)
        self._inverse_norms = (1 / np.sqrt(np.maximum(group_sizes, 1))).astype(np.float32)
        holders = np.repeat(places, sizes)[np.argsort(members, kind="stable")]
        frequency = np.bincount(members, minlength=vocabulary_size)
        self._holders = np.split(holders, np.cumsum(frequency)[:-1])
        self._dense = self._dense_rows(frequency)

    def _dense_rows(self, frequency: Ints) -> dict[int, Counts]:
        """Return 1 for each recipe with the ingredient, for as many frequent ones as fit."""
        count = DENSE_BYTES // max(1, self._places * self._dtype.itemsize)
        columns = np.argsort(-frequency, kind="stable")[:count].tolist()
        rows = np.zeros((len(columns), self._places), self._dtype)
        for row, column in zip(rows, columns, strict=True):
            row[self._holders[column]] = 1
        return dict(zip(columns, rows, strict=True))

    def vote(self, chosen: Floats) -> Floats:
        """Return (B, V) votes on the ingredients that each multi-hot drink (B, V) lacks.

        A row adds up to 1. It is all zero if no recipe shares an ingredient with the drink and
        adds another one.
        """
        votes = np.zeros(chosen.shape, np.float32)
        step = max(1, MAX_CELLS // max(self._places, self._columns))
        for start in range(0, len(chosen) if self._places else 0, step):
            rows = slice(start, start + step)
            self._vote(chosen[rows] > 0, votes[rows])
        return votes

    def weights(self, chosen: Floats) -> Iterator[Floats]:
        """Yield the weight of each recipe's vote on each multi-hot drink (B, V): B times (N,)."""
        step = max(1, MAX_CELLS // max(self._places, self._columns))
        for start in range(0, len(chosen), step):
            part = chosen[start : start + step] > 0
            weights = np.zeros((len(part), self._recipes), np.float32)
            if self._places:
                drinks, places, found = self._voters(part)
                weights[drinks, self._rows[places]] = found
            yield from weights

    def _vote(self, chosen: NDArray[np.bool_], votes: Floats) -> None:
        """Write the votes on drinks (B, V) into an array of this shape."""
        drinks, places, weights = self._voters(chosen)
        sizes = self._sizes[places]
        entries = np.arange(sizes.sum())
        entries += np.repeat(self._starts[places] - np.cumsum(sizes) + sizes, sizes)
        cells = np.repeat(drinks * self._columns, sizes)
        cells += self._members.take(entries)
        sums = np.bincount(cells, np.repeat(weights, sizes), minlength=chosen.size)
        sums = sums.reshape(chosen.shape)
        sums[chosen] = 0
        totals = sums.sum(axis=1, keepdims=True)
        np.divide(sums, np.where(totals > 0, totals, 1), out=votes, casting="same_kind")

    def _voters(self, chosen: NDArray[np.bool_]) -> tuple[Ints, Ints, Floats]:
        """Return the voters of all drinks: the drink, the place of its recipe, and its weight.

        At least NEAREST recipes vote on a drink, if so many share an ingredient with it.
        """
        counts = self._count_shared(chosen)
        best = self._best(counts) * self._inverse_norms
        threshold = np.full(len(best), TINY)
        groups = best.shape[1]
        if groups > NEAREST:
            nth = np.partition(best, groups - NEAREST, axis=1)[:, groups - NEAREST]
            threshold = np.maximum(nth, TINY)
        drinks, group = np.divmod(np.flatnonzero(best >= threshold[:, None]), groups)
        shared = counts.take(self._cells(drinks, group))
        cosines = shared * self._inverse_norms[group, None]
        voters = np.flatnonzero(cosines >= threshold[drinks, None])
        pairs, ranks = np.divmod(voters, self._group)
        drinks, group = drinks[pairs], group[pairs]
        norms = np.sqrt(np.maximum(np.count_nonzero(chosen, axis=1), 1)).astype(np.float32)
        relative = (cosines.take(voters) - best.max(axis=1)[drinks]) / norms[drinks]
        return drinks, ranks * groups + group, np.exp(self._beta * relative)

    def _best(self, counts: Counts) -> Counts:
        """Return the largest count of each group, (B, G), without recipes that add nothing.

        The counts of such recipes, whose ingredients are all in the drink, are set to 0.
        """
        best: Counts = counts.reshape(len(counts), self._group, -1).max(axis=1)
        drinks, group = np.divmod(np.flatnonzero(best == self._group_sizes), best.shape[1])
        cells = self._cells(drinks, group)
        shared = counts.take(cells)
        shared *= shared < self._group_sizes[group, None]
        counts.put(cells, shared)
        best[drinks, group] = shared.max(axis=1)
        return best

    def _cells(self, drinks: Ints, groups: Ints) -> Ints:
        """Return the indices of the counts of each drink and group: (pairs, recipes per group)."""
        first = drinks * self._places + groups
        return first[:, None] + np.arange(self._group) * len(self._group_sizes)

    def _count_shared(self, chosen: NDArray[np.bool_]) -> Counts:
        """Count the ingredients that each recipe shares with each drink, (B, places)."""
        counts = np.zeros((len(chosen), self._places), self._dtype)
        drinks, members = np.divmod(np.flatnonzero(chosen), self._columns)
        for drink, member in zip(drinks.tolist(), members.tolist(), strict=True):
            row = counts[drink]
            if member in self._dense:
                row += self._dense[member]
            else:
                row[self._holders[member]] += 1
        return counts


def _places(sizes: Ints, group: int) -> tuple[Ints, Ints]:
    """Return the place of each recipe (N,) and the size of the recipes of each group, ascending.

    A size's last group may be incomplete.
    """
    order = np.argsort(sizes, kind="stable")
    distinct, counts = np.unique(sizes, return_counts=True)
    groups = -(-counts // group)
    first = np.repeat(np.cumsum(groups) - groups, counts)
    number = np.arange(len(sizes)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.empty(len(sizes), np.int64)
    places[order] = number % group * groups.sum() + first + number // group
    return places, np.repeat(distinct, groups)
