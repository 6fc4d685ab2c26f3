"""The kind `next`: suggest the most probable ingredients to add now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suggester.because import explain
from suggester.requests import Answer, Suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.ranker import Ranker
    from suggester.requests import Request

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]


def run(ranker: Ranker, requests: Sequence[Request]) -> list[Answer]:
    """Return the `top_k` best suggestions for each drink, fewer where the masks allow fewer."""
    novelty = np.array([request.novelty for request in requests], np.float32)
    chosen, allowed = ranker.masks.encode(requests)
    probabilities = ranker.probabilities(chosen, allowed, novelty)
    top_k = [request.top_k for request in requests]
    columns, values = _best(probabilities, max(top_k))
    names = ranker.ids[columns].tolist()
    counts = (values > 0).sum(axis=1).tolist()
    answers = [
        _answer(row_names[:count], row_values[:count])
        for row_names, row_values, count in zip(
            names, values.tolist(), map(min, counts, top_k), strict=True
        )
    ]
    rows = [row for row, request in enumerate(requests) if request.because]
    if rows:
        excluded = ranker.masks.excluded([requests[row].exclude for row in rows])
        suggested = [[found.ingredient for found in answers[row].suggestions] for row in rows]
        reasons = explain(ranker, chosen[rows], allowed[rows], excluded, suggested)
        for row, found in zip(rows, reasons, strict=True):
            answers[row] = answers[row]._replace(reasons=tuple(found))
    return answers


def _best(probabilities: Floats, count: int) -> tuple[Ints, Floats]:
    """Return the (B, count) most probable columns, best first, and their probabilities.

    Columns with equal probabilities keep their order, so that an answer does not depend on its
    batch.
    """
    remaining = probabilities.copy()
    rows = np.arange(len(remaining))
    columns = np.empty((len(remaining), min(count, remaining.shape[1])), np.int64)
    for column in columns.T:
        remaining.argmax(axis=1, out=column)
        remaining[rows, column] = -1
    return columns, np.take_along_axis(probabilities, columns, axis=1)


def _answer(names: list[str], values: list[float]) -> Answer:
    return Answer((names[0],), tuple(map(Suggestion, names, values)))
