"""The known recipes, and the recipes that contain each ingredient.

V is the number of ingredients in the vocabulary, N the number of distinct recipes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Booleans = NDArray[np.bool_]
    Ints = NDArray[np.int64]


class RecipeIndex:
    """The recipes, as compressed sparse rows: indptr (N + 1,), indices (entries,) in 0..V-1.

    Attributes:
        sizes: the number of ingredients in each recipe, (N,).
        frequency: the number of recipes that contain each ingredient, (V,).
    """

    def __init__(self, indptr: NDArray[Any], indices: NDArray[Any], vocabulary_size: int) -> None:
        self._starts = np.asarray(indptr, np.int64)
        self._members = np.asarray(indices, np.int64)
        self.sizes = np.diff(self._starts)
        self.frequency = np.bincount(self._members, minlength=vocabulary_size)
        owners = np.repeat(np.arange(len(self.sizes)), self.sizes)
        self._holders = owners[np.argsort(self._members, kind="stable")]
        self._holder_starts = np.concatenate(([0], np.cumsum(self.frequency)))

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, row: int) -> Ints:
        """Return the columns of a recipe."""
        return self._members[self._starts[row] : self._starts[row + 1]]

    def holders(self, column: int) -> Ints:
        """Return the rows of the recipes that contain an ingredient, ascending."""
        return self._holders[self._holder_starts[column] : self._holder_starts[column + 1]]

    def count_shared(self, drink: Booleans) -> Ints:
        """Count the ingredients of each recipe that are in a set of ingredients (V,): (N,)."""
        columns = np.flatnonzero(drink)
        found = [self.holders(column) for column in columns.tolist()]
        holders = np.concatenate(found or [columns])
        return np.bincount(holders, minlength=len(self))

    def entries(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return the columns of some recipes (E,), and for each its index in `rows` (E,)."""
        sizes = self.sizes[rows]
        owner = np.repeat(np.arange(len(rows)), sizes)
        offsets = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self._members[self._starts[rows][owner] + offsets], owner
