"""The kind `complete`: add the most probable ingredient until the drink is long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suggester.errors import MaskEmpty
from suggester.requests import Answer, Suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.ranker import Ranker
    from suggester.requests import Request

    Booleans = NDArray[np.bool_]
    Ints = NDArray[np.int64]


def run(ranker: Ranker, requests: Sequence[Request]) -> list[Answer]:
    """Return the ingredients to add to each drink, fewer where the masks allow fewer.

    Each step calls the network once, for all drinks that are not finished.
    """
    chosen, allowed = ranker.masks.encode(requests)
    lengths = np.array([request.length for request in requests])
    rows = _unfinished(ranker, chosen, allowed, lengths)
    if len(rows) < len(requests):
        raise MaskEmpty
    steps: list[list[Suggestion]] = [[] for _ in requests]
    while rows.size:
        probabilities = ranker.probabilities(chosen[rows], allowed[rows])
        best = probabilities.argmax(axis=1)
        chosen[rows, best] = True
        values = probabilities.max(axis=1).tolist()
        for row, ingredient, value in zip(rows, ranker.ids[best], values, strict=True):
            steps[row].append(Suggestion(ingredient, value))
        rows = _unfinished(ranker, chosen, allowed, lengths)
    return [Answer(tuple(step.ingredient for step in row), tuple(row)) for row in steps]


def _unfinished(ranker: Ranker, chosen: Booleans, allowed: Booleans, lengths: Ints) -> Ints:
    """Return the indices of the drinks that are too short and still have candidates."""
    too_short = chosen.sum(axis=1) < lengths
    return np.flatnonzero(too_short & ranker.masks.candidates(chosen, allowed).any(axis=1))
