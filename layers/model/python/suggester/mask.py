"""Which ingredients may be suggested, and the probabilities over just those."""

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
    """The base and the additive list as vectors over the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._index = vocabulary.index
        self._base = np.array([entry.base for entry in vocabulary.ingredients], dtype=np.bool_)
        self._additive = np.array([e.additive for e in vocabulary.ingredients], dtype=np.bool_)

    def multi_hot(self, drinks: Sequence[Collection[str]]) -> Booleans:
        """Return (B, V): True where a drink has the ingredient.

        Raises:
            RequestInvalid: an id is not in the vocabulary.
        """
        index = self._index
        try:
            columns = [index[name] for ids in drinks for name in ids]
        except KeyError as error:
            raise RequestInvalid("An ingredient is not in this model's vocabulary.") from error
        multi_hot = np.zeros((len(drinks), len(index)), dtype=np.bool_)
        multi_hot[np.repeat(np.arange(len(drinks)), [len(ids) for ids in drinks]), columns] = True
        return multi_hot

    def allowed(self, requests: Sequence[Request]) -> Booleans:
        """Return (B, V): True where the request's own `exclude` and `only` let the name through."""
        # Most requests of a batch have the same filters, or none.
        number: dict[tuple[Filter, Filter | None], int] = {}
        rows = [number.setdefault((r.exclude, r.only), len(number)) for r in requests]
        allowed = ~self.multi_hot([exclude for exclude, _ in number])
        limits = {row: only for row, (_, only) in enumerate(number) if only is not None}
        if limits:
            allowed[list(limits)] &= self.multi_hot(list(limits.values()))
        return allowed[rows]

    def candidates(self, chosen: Booleans, allowed: Booleans) -> Booleans:
        """Return (B, V): the base list for an empty drink, the additive list otherwise."""
        empty = ~chosen.any(axis=1, keepdims=True)
        return np.where(empty, self._base, self._additive) & allowed & ~chosen


def probabilities_within(mask: Booleans, weights: Floats) -> Floats:
    """Return (B, V) probabilities in proportion to weights above 0, and 0 outside the mask.

    Raises:
        MaskEmpty: a row of the mask allows nothing.
    """
    if not mask.any(axis=1).all():
        raise MaskEmpty
    inside = np.where(mask, weights, np.float32(0))
    inside /= inside.sum(axis=1, keepdims=True)
    return inside
