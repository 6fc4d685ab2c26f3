"""The kind `complete`: add the best ingredient again and again until the drink is long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suggester.errors import MaskEmpty
from suggester.requests import Answer, Suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.requests import Request
    from suggester.suggester import Suggester


def run(suggester: Suggester, requests: Sequence[Request]) -> list[Answer]:
    """Return what to add to each drink; less than was asked for where the masks run dry.

    Each step is one call of the model for all drinks that are not finished.
    """
    chosen = suggester.masks.multi_hot([request.ingredients for request in requests])
    allowed = suggester.masks.allowed(requests)
    lengths = np.array([request.length for request in requests])
    if len(_unfinished(suggester, chosen, allowed, lengths)) < len(requests):
        raise MaskEmpty
    steps: list[list[Suggestion]] = [[] for _ in requests]
    for _ in range(max(lengths)):
        rows = _unfinished(suggester, chosen, allowed, lengths)
        if not rows.size:
            break
        probabilities = suggester.probabilities(chosen[rows], allowed[rows])
        best = probabilities.argmax(axis=1)
        chosen[rows, best] = True
        values = probabilities.max(axis=1).tolist()
        for row, ingredient, value in zip(rows, suggester.ids[best], values, strict=True):
            steps[row].append(Suggestion(ingredient, value))
    return [Answer(tuple(step.ingredient for step in row), tuple(row)) for row in steps]


def _unfinished(
    suggester: Suggester, chosen: np.ndarray, allowed: np.ndarray, lengths: np.ndarray
) -> np.ndarray:
    """Return the indices of the drinks that are too short still and have a candidate left."""
    short = chosen.sum(axis=1) < lengths
    return np.flatnonzero(short & suggester.masks.candidates(chosen, allowed).any(axis=1))
