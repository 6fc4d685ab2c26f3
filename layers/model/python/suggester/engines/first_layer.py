"""The network's first layer, which adds the rows of a drink's ingredients.

A drink has a few of thousands of ingredients, so a matrix product would mostly multiply zeros.
In all shapes, B is the number of drinks, V the number of ingredients in the vocabulary and W the
width of the layer.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

FILE: Final = "first_layer.npz"


class FirstLayer:
    """The sum of the rows of a drink of n ingredients, plus a bias.

    The first `scaled` columns of the sum are divided by sqrt(max(n, 1)). The last S columns have
    at most K weights in each row.
    """

    def __init__(self, file: bytes) -> None:
        """Read the arrays kernel (V, W - S), columns and weights (V, K), bias (W,), scaled ().

        Raises:
            ValueError, KeyError, OSError: the file does not contain them.
        """
        with np.load(io.BytesIO(file), allow_pickle=False) as arrays:
            self._kernel = arrays["kernel"].astype(np.float32)
            self._sparse_columns = arrays["columns"].astype(np.int64)
            self._sparse_weights = arrays["weights"].astype(np.float32)
            self._bias = arrays["bias"].astype(np.float32)
            self._scaled = int(arrays["scaled"])
        self.columns, self._dense = self._kernel.shape
        (self.width,) = self._bias.shape
        sparse = self._sparse_columns
        if len(sparse) != self.columns or sparse.shape != self._sparse_weights.shape:
            raise ValueError("The sparse columns do not fit the kernel.")
        if sparse.max(initial=-1) >= self.width - self._dense:
            raise ValueError("The bias does not fit the kernel.")

    def __call__(self, drinks: Floats) -> Floats:
        """Return (B, W) for multi-hot drinks (B, V)."""
        # NumPy finds True many times faster than a float that is not zero.
        rows, members = np.divmod(np.flatnonzero(drinks > 0), self.columns)
        sizes = np.bincount(rows, minlength=len(drinks))
        ends = np.cumsum(sizes)
        sums = np.empty((len(drinks), self.width), np.float32)
        dense = sums[:, : self._dense]
        for row, start, end in zip(dense, (ends - sizes).tolist(), ends.tolist(), strict=True):
            np.add.reduce(self._kernel.take(members[start:end], axis=0), axis=0, out=row)
        if self._dense < self.width:
            sums[:, self._dense :] = self._sparse_sums(rows, members, len(drinks))
        sums[:, : self._scaled] /= np.sqrt(np.maximum(sizes, 1)).astype(np.float32)[:, None]
        sums += self._bias
        return sums

    def _sparse_sums(self, rows: Ints, members: Ints, drinks: int) -> Floats:
        """Return the sums (B, S) of the sparse columns, for pairs of a drink and an ingredient."""
        width = self.width - self._dense
        cells = rows[:, None] * width + self._sparse_columns[members]
        weights = self._sparse_weights[members]
        sums = np.bincount(cells.ravel(), weights.ravel(), minlength=drinks * width)
        return sums.astype(np.float32).reshape(drinks, width)
