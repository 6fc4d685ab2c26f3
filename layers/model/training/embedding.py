"""Vectors of the ingredients whose product says how similar their roles in drinks are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from training.recipe_matrix import Floats
    from training.weights import Weights

DIMENSIONS: Final = 64


def embed(weights: Weights) -> Floats:
    """Return vectors (V, at most 64), rounded to float16.

    The product of two vectors is close to the mean of two cosines: that of the ingredients'
    weights into the network, and that of their weights out of it.
    """
    parts = [_unit(weights.hidden), _unit(weights.output.T)]
    both = np.concatenate(parts, axis=1) / np.sqrt(len(parts))
    values, vectors = np.linalg.eigh(both @ both.T)
    largest = slice(max(0, len(values) - DIMENSIONS), None)
    found = vectors[:, largest] * np.sqrt(np.maximum(values[largest], 0))
    embedding: Floats = found.astype(np.float16).astype(np.float32)
    return embedding


def _unit(rows: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny), np.float64)
