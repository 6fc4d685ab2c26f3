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

FILE: Final = "first_layer.npz"
MAX_TERMS: Final = 1 << 17  # half a megabyte of float32, which fits in a processor's cache


class FirstLayer:
    """The sum of the rows of a drink of n ingredients, plus a bias.

    The first `scaled` columns of the sum are divided by sqrt(max(n, 1)).
    """

    def __init__(self, file: bytes) -> None:
        """Read the arrays kernel (V, W), bias (W,) and scaled ().

        Raises:
            ValueError, KeyError, OSError: the file does not contain them.
        """
        with np.load(io.BytesIO(file), allow_pickle=False) as arrays:
            kernel = arrays["kernel"].astype(np.float32)
            self._bias = arrays["bias"].astype(np.float32)
            self._scaled = int(arrays["scaled"])
        self.columns, self.width = kernel.shape
        if self._bias.shape != (self.width,):
            raise ValueError("The bias does not fit the kernel.")
        # The last row, of zeros, fills up drinks with fewer ingredients than others.
        self._rows = np.concatenate([kernel, np.zeros_like(kernel[:1])])

    def __call__(self, drinks: Floats) -> Floats:
        """Return (B, W) for multi-hot drinks (B, V)."""
        places, members = np.divmod(np.flatnonzero(drinks), self.columns)
        sizes = np.bincount(places, minlength=len(drinks))
        numbers = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        largest = sizes.max(initial=1)
        table = np.full((largest, len(drinks)), self.columns)
        table[numbers, places] = members
        sums = np.empty((len(drinks), self.width), np.float32)
        order = np.argsort(sizes, kind="stable")  # drinks of similar size waste no additions
        step = max(1, MAX_TERMS // (largest * self.width))
        for start in range(0, len(drinks), step):
            part = order[start : start + step]
            rows = table[: sizes[part[-1]], part]
            sums[part] = np.add.reduce(np.take(self._rows, rows, axis=0, mode="clip"), axis=0)
        sums[:, : self._scaled] /= np.sqrt(np.maximum(sizes, 1)).astype(np.float32)[:, None]
        sums += self._bias
        return sums
