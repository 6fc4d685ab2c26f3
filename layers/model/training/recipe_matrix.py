"""Recipes as a sparse 0/1 matrix: a row for each recipe, a column for each ingredient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Ints = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@dataclass(frozen=True)
class RecipeMatrix:
    """N recipes over V ingredients as compressed sparse rows.

    Attributes:
        indptr: the offset of each row in `indices`, (N + 1,).
        indices: the columns of each row, ascending, (entries,).
        columns: V.
    """

    indptr: Ints
    indices: Ints
    columns: int

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[int]], columns: int) -> RecipeMatrix:
        """Build from lists of columns; a column repeated in a row counts once."""
        unique = [sorted(set(row)) for row in rows]
        sizes = np.fromiter((len(row) for row in unique), np.int64, len(unique))
        flat = np.fromiter((column for row in unique for column in row), np.int64, sizes.sum())
        return cls(np.concatenate(([0], np.cumsum(sizes))), flat, columns)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def __getitem__(self, row: int) -> Ints:
        return self.indices[self.indptr[row] : self.indptr[row + 1]]

    @property
    def sizes(self) -> Ints:
        """The number of ingredients in each recipe, (N,)."""
        return np.diff(self.indptr)

    def take(self, rows: NDArray[np.int64]) -> RecipeMatrix:
        """Return the given rows in the given order."""
        rows = np.asarray(rows, np.int64)
        sizes = self.sizes[rows]
        indptr = np.concatenate(([0], np.cumsum(sizes)))
        offsets = np.repeat(self.indptr[rows] - indptr[:-1], sizes)
        return RecipeMatrix(indptr, self.indices[offsets + np.arange(indptr[-1])], self.columns)

    def take_columns(self, columns: NDArray[np.int64]) -> RecipeMatrix:
        """Return the given columns, which must be ascending."""
        kept = np.isin(self.indices, columns)
        indptr = np.concatenate(([0], np.cumsum(kept)))[self.indptr]
        indices = np.searchsorted(columns, self.indices[kept])
        return RecipeMatrix(indptr, indices, len(columns))

    def frequency(self) -> Ints:
        """Count the recipes that contain each ingredient, (V,)."""
        return np.bincount(self.indices, minlength=self.columns)

    def multi_hot(self) -> Floats:
        """Return the dense matrix, (N, V) float32; use it for one batch of rows at a time."""
        dense = np.zeros((len(self), self.columns), np.float32)
        dense[np.repeat(np.arange(len(self)), self.sizes), self.indices] = 1
        return dense

    def distinct(self) -> RecipeMatrix:
        """Return the rows without repetitions, each where it occurs first."""
        return self.take(self.distinct_rows())

    def distinct_rows(self) -> Ints:
        """Return where each distinct row occurs first, ascending."""
        return np.unique(self.first_rows())

    def first_rows(self) -> Ints:
        """Return for each row where an equal one occurs first, (N,)."""
        first: dict[bytes, int] = {}
        rows = (first.setdefault(self[row].tobytes(), row) for row in range(len(self)))
        return np.fromiter(rows, np.int64, len(self))
