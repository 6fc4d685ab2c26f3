"""Which ingredients may be suggested, and the probabilities over just those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suggester.errors import MaskEmpty, RequestInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from suggester.requests import Request
    from suggester.vocabulary import Vocabulary

    Floats = NDArray[np.float32]
    Booleans = NDArray[np.bool_]


class Masks:
    """The base and the additive list as vectors over the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._index = vocabulary.index
        self._base = np.array([entry.base for entry in vocabulary.ingredients], dtype=np.bool_)
        self._additive = np.array([e.additive for e in vocabulary.ingredients], dtype=np.bool_)

    def multi_hot(self, drinks: Sequence[Iterable[str]]) -> Booleans:
        """Return (B, V): True where a drink has the ingredient.

        Raises:
            RequestInvalid: an id is not in the vocabulary.
        """
        rows = np.zeros((len(drinks), len(self._index)), dtype=np.bool_)
        for row, ids in zip(rows, drinks, strict=True):
            try:
                row[[self._index[name] for name in ids]] = True
            except KeyError as error:
                raise RequestInvalid("An ingredient is not in this model's vocabulary.") from error
        return rows

    def allowed(self, requests: Sequence[Request]) -> Booleans:
        """Return (B, V): True where the request's own `exclude` and `only` let the name through."""
        allowed = ~self.multi_hot([request.exclude for request in requests])
        limited = [row for row, request in enumerate(requests) if request.only is not None]
        if limited:
            allowed[limited] &= self.multi_hot([requests[row].only or () for row in limited])
        return allowed

    def candidates(self, chosen: Booleans, allowed: Booleans) -> Booleans:
        """Return (B, V): the base list for an empty drink, the additive list otherwise."""
        empty = ~chosen.any(axis=1, keepdims=True)
        return np.where(empty, self._base, self._additive) & allowed & ~chosen


def masked_softmax(logits: Floats, mask: Booleans) -> Floats:
    """Return (B, V) probabilities that are 0 outside the mask and sum to 1 inside it.

    Raises:
        MaskEmpty: a row of the mask allows nothing.
    """
    if not mask.any(axis=1).all():
        raise MaskEmpty
    masked = np.where(mask, logits, -np.inf)
    exponentials = np.exp(masked - masked.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), dtype=np.float32)
