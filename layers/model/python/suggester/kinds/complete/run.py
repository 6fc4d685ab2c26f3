"""The kind `complete`: choose the ingredients that finish a drink, then add them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suggester.errors import MaskEmpty
from suggester.requests import MAX_INGREDIENTS, Answer, Suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.ranker import Ranker
    from suggester.requests import Request

    Booleans = NDArray[np.bool_]
    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]


def run(ranker: Ranker, requests: Sequence[Request]) -> list[Answer]:
    """Return the ingredients to add to each drink, fewer where the masks allow fewer.

    An empty drink first gets its most probable base. The others are chosen together, and added in
    the order of their probabilities. Each step calls the network once, for all drinks that are
    not finished.
    """
    drinks = _Drinks(ranker, requests)
    if not drinks.may_grow().all():
        raise MaskEmpty
    empty = np.flatnonzero(~drinks.chosen.any(axis=1))
    if empty.size:
        drinks.add(empty, drinks.probabilities(empty))
    rows = np.flatnonzero(drinks.may_grow())
    if rows.size:
        probabilities = drinks.probabilities(rows)
        wanted = drinks.choose(rows, probabilities)
        while rows.size:
            drinks.add(rows, np.where(wanted[rows], probabilities, -1))
            wanted &= ~drinks.chosen
            rows = np.flatnonzero(wanted.any(axis=1))
            if rows.size:
                probabilities = drinks.probabilities(rows)
    return [Answer(tuple(step.ingredient for step in row), tuple(row)) for row in drinks.steps]


class _Drinks:
    """The drinks of a batch, and the steps that were taken for each."""

    def __init__(self, ranker: Ranker, requests: Sequence[Request]) -> None:
        self._ranker = ranker
        self._requests = requests
        self._novelty = np.array([request.novelty for request in requests], np.float32)
        self.chosen, self._allowed = ranker.masks.encode(requests)
        self.steps: list[list[Suggestion]] = [[] for _ in requests]

    def may_grow(self) -> Booleans:
        """Return which drinks are too short and still have candidates, (B,)."""
        lengths = [request.length or MAX_INGREDIENTS for request in self._requests]
        candidates = self._ranker.masks.candidates(self.chosen, self._allowed)
        found: Booleans = (self.chosen.sum(axis=1) < lengths) & candidates.any(axis=1)
        return found

    def probabilities(self, rows: Ints) -> Floats:
        """Return the probabilities of what may be added to these drinks, (rows, V)."""
        return self._ranker.probabilities(
            self.chosen[rows], self._allowed[rows], self._novelty[rows]
        )

    def add(self, rows: Ints, probabilities: Floats) -> None:
        """Add the most probable ingredient to each of these drinks."""
        best = probabilities.argmax(axis=1)
        self.chosen[rows, best] = True
        values = probabilities.max(axis=1).tolist()
        for row, ingredient, value in zip(rows, self._ranker.ids[best], values, strict=True):
            self.steps[row].append(Suggestion(ingredient, value))

    def choose(self, rows: Ints, probabilities: Floats) -> Booleans:
        """Return the ingredients to add, (B, V)."""
        wanted = np.zeros_like(self.chosen)
        factors = self._ranker.novelty_factors(self._novelty[rows])
        for row, row_probabilities, row_factors in zip(rows, probabilities, factors, strict=True):
            drink, length = self.chosen[row], self._requests[row].length
            size = int(drink.sum())
            columns = self._ranker.completions.choose(
                drink, row_probabilities, row_factors, None if length is None else length - size
            )
            wanted[row, columns[: MAX_INGREDIENTS - size]] = True
        return wanted
