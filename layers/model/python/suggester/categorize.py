"""The category of a drink, by a multinomial logistic regression on its ingredients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from suggester.errors import RequestInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.ranker import Ranker

    Booleans = NDArray[np.bool_]
    Floats = NDArray[np.float32]

NO_CATEGORIES: Final = (
    "This model's data have no categories; train a model on recipes with a column or field "
    "named category."
)


class Category(NamedTuple):
    """A category of drinks, and the probability that the drink belongs to it."""

    category: str
    probability: float

    def to_json(self) -> dict[str, Any]:
        """Return the category as a JSON object."""
        return self._asdict()


def categorize(ranker: Ranker, chosen: Booleans, top_k: Sequence[int]) -> list[list[Category]]:
    """Return up to `top_k` categories of each drink (B, V), most probable first.

    The probabilities of all categories add up to 1. An empty drink gets the categories' shares of
    the known drinks.

    Raises:
        RequestInvalid: the model has no categories.
    """
    if ranker.knowledge.classifier is None:
        raise RequestInvalid(NO_CATEGORIES)
    probabilities = classify(chosen, *ranker.knowledge.classifier)
    names = ranker.knowledge.drinks.categories
    order = np.argsort(-probabilities, axis=1, kind="stable")
    values = np.take_along_axis(probabilities, order, axis=1)
    return [
        [Category(names[column], value) for column, value in zip(columns, row, strict=True)][:count]
        for columns, row, count in zip(order.tolist(), values.tolist(), top_k, strict=True)
    ]


def classify(chosen: Booleans, weights: Floats, bias: Floats) -> Floats:
    """Return the probabilities (B, C) of the categories of drinks (B, V).

    The bias (C,) is the log share of each category, and the weights (V, C) have an effect that
    does not grow with the number of ingredients.
    """
    sizes = np.maximum(chosen.sum(axis=1, keepdims=True), 1)
    logits = chosen.astype(np.float32) @ weights / np.sqrt(sizes).astype(np.float32) + bias
    logits -= logits.max(axis=1, keepdims=True)
    probabilities: Floats = np.exp(logits)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities
