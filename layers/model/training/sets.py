"""Recipes as sparse rows over the columns of a vocabulary."""

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
class Sets:
    """Hold N sets of columns as compressed sparse rows.

    indptr (N + 1,), indices (entries,) ascending within a row, columns = V.
    """

    indptr: Ints
    indices: Ints
    columns: int

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]], columns: int) -> Sets:
        """Build from rows of column numbers; a number repeated in a row counts once."""
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
        """Count the members of each row, (N,)."""
        return np.diff(self.indptr)

    def take(self, rows: NDArray[np.int64]) -> Sets:
        """Pick rows, in the order given."""
        rows = np.asarray(rows, np.int64)
        sizes = self.sizes[rows]
        indptr = np.concatenate(([0], np.cumsum(sizes)))
        offsets = np.repeat(self.indptr[rows] - indptr[:-1], sizes)
        return Sets(indptr, self.indices[offsets + np.arange(indptr[-1])], self.columns)

    def only(self, columns: NDArray[np.int64]) -> Sets:
        """Keep these columns, ascending, renumbered in their order."""
        kept = np.isin(self.indices, columns)
        ends = np.concatenate(([0], np.cumsum(kept)))[self.indptr]
        indices = np.searchsorted(columns, self.indices[kept])
        return Sets(ends, indices, len(columns))

    def frequency(self) -> Ints:
        """Count the rows that hold each column, (V,)."""
        return np.bincount(self.indices, minlength=self.columns)

    def multi_hot(self) -> Floats:
        """Spread the rows out as 0/1 values, (N, V) float32; meant for a batch of rows."""
        dense = np.zeros((len(self), self.columns), np.float32)
        dense[np.repeat(np.arange(len(self)), self.sizes), self.indices] = 1
        return dense

    def distinct(self) -> Sets:
        """Keep the first of equal rows."""
        seen: dict[bytes, int] = {}
        for row in range(len(self)):
            seen.setdefault(self[row].tobytes(), row)
        return self.take(np.fromiter(seen.values(), np.int64, len(seen)))
