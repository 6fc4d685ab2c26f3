"""The kind `next`: the best ingredients to add now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suggester.requests import Answer, Suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.requests import Request
    from suggester.suggester import Suggester

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]


def run(suggester: Suggester, requests: Sequence[Request]) -> list[Answer]:
    """Return the `top_k` best of each request, fewer where the masks allow fewer."""
    chosen = suggester.masks.multi_hot([request.ingredients for request in requests])
    probabilities = suggester.probabilities(chosen, suggester.masks.allowed(requests))
    top_k = [request.top_k for request in requests]
    columns, values = _best(probabilities, max(top_k))
    names = suggester.ids[columns].tolist()
    counts = (values > 0).sum(axis=1).tolist()
    return [
        _answer(row_names[:count], row_values[:count])
        for row_names, row_values, count in zip(
            names, values.tolist(), map(min, counts, top_k), strict=True
        )
    ]


def _best(probabilities: Floats, count: int) -> tuple[Ints, Floats]:
    """Return the (B, count) best columns, best first, and their probabilities.

    The order among equals is that of the columns, so that an answer never depends on the batch.
    """
    left = probabilities.copy()
    rows = np.arange(len(left))
    columns = np.empty((len(left), min(count, left.shape[1])), np.int64)
    for place in columns.T:
        left.argmax(axis=1, out=place)
        left[rows, place] = -1
    return columns, np.take_along_axis(probabilities, columns, axis=1)


def _answer(names: list[str], values: list[float]) -> Answer:
    return Answer((names[0],), tuple(map(Suggestion, names, values)))
