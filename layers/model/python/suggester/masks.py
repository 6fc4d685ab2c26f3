"""The masks: which ingredients may be suggested for each drink of a batch.

In all shapes, B is the number of drinks and V the number of ingredients in the vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suggester.errors import MaskEmpty, RequestInvalid

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from suggester.requests import Request
    from suggester.vocabulary import Vocabulary

    Floats = NDArray[np.float32]
    Booleans = NDArray[np.bool_]
    Filter = tuple[str, ...]


class Masks:
    """Masks over a vocabulary, computed for whole batches."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._index = vocabulary.index
        members = vocabulary.groups.values()
        self._groups = dict(zip(vocabulary.groups, self.multi_hot(list(members)), strict=True))
        self._base = np.array([entry.base for entry in vocabulary.ingredients], dtype=np.bool_)
        self._additive = np.array([e.additive for e in vocabulary.ingredients], dtype=np.bool_)

    def encode(self, requests: Sequence[Request]) -> tuple[Booleans, Booleans]:
        """Return two (B, V) arrays: the ingredients chosen, and those that the filters allow.

        Raises:
            RequestInvalid: an id or a group is not in the vocabulary.
        """
        return self.multi_hot([request.ingredients for request in requests]), self._allowed(
            requests
        )

    def multi_hot(self, drinks: Sequence[Collection[str]]) -> Booleans:
        """Return (B, V): True where the drink contains the ingredient.

        Raises:
            RequestInvalid: an id is not in the vocabulary.
        """
        index = self._index
        try:
            columns = [index[name] for ids in drinks for name in ids]
        except KeyError as error:
            problem = "An ingredient or group is not in this model's vocabulary."
            raise RequestInvalid(problem) from error
        multi_hot = np.zeros((len(drinks), len(index)), dtype=np.bool_)
        multi_hot[np.repeat(np.arange(len(drinks)), [len(ids) for ids in drinks]), columns] = True
        return multi_hot

    def candidates(self, chosen: Booleans, allowed: Booleans) -> Booleans:
        """Return (B, V): True where the ingredient is a candidate and the filters allow it."""
        return candidates(chosen, self._base, self._additive) & allowed

    def _allowed(self, requests: Sequence[Request]) -> Booleans:
        """Return (B, V): True where the request's `exclude` and `only` allow the ingredient."""
        # Most requests of a batch have the same filters, or none, so each pair is encoded once.
        number: dict[tuple[Filter, Filter | None], int] = {}
        rows = [number.setdefault((r.exclude, r.only), len(number)) for r in requests]
        allowed = ~self.excluded([exclude for exclude, _ in number])
        allowed &= self.included([only for _, only in number])
        return allowed[rows]

    def included(self, filters: Sequence[Filter | None]) -> Booleans:
        """Return (F, V): True where an `only` names the ingredient, or is None.

        Raises:
            RequestInvalid: an id is not in the vocabulary.
        """
        included = np.ones((len(filters), len(self._index)), dtype=np.bool_)
        limits = {row: only for row, only in enumerate(filters) if only is not None}
        if limits:
            included[list(limits)] = self.multi_hot(list(limits.values()))
        return included

    def excluded(self, filters: Sequence[Filter]) -> Booleans:
        """Return (F, V): True where an `exclude` names the ingredient, or a group that it is in.

        Raises:
            RequestInvalid: an id or a group is not in the vocabulary.
        """
        groups = self._groups
        excluded = self.multi_hot([[n for n in names if n not in groups] for names in filters])
        for row, names in enumerate(filters):
            for group in groups.keys() & names:
                excluded[row] |= groups[group]
        return excluded


def candidates(chosen: Booleans, base: Booleans, additive: Booleans) -> Booleans:
    """Return (B, V): True where the ingredient may be added to the drink.

    An empty drink takes an ingredient of the base list (V,), any other drink one of the additive
    list (V,). Chosen ingredients (B, V) are left out.
    """
    lists = np.stack((base, additive))[chosen.any(axis=1).astype(np.int64)]
    return lists & ~chosen


def probabilities_within(mask: Booleans, weights: Floats) -> Floats:
    """Return (B, V) probabilities, proportional to positive weights and 0 outside the mask.

    Raises:
        MaskEmpty: a row of the mask allows nothing.
    """
    if not mask.any(axis=1).all():
        raise MaskEmpty
    inside = np.multiply(weights, mask, dtype=np.float32)
    inside /= inside.sum(axis=1, keepdims=True)
    return inside
