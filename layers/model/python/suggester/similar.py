"""The known drinks that are most similar to a drink.

The similarity is that of Jaccard: the number of ingredients that both drinks contain, divided by
the number that at least one of them contains. V is the number of ingredients, N of recipes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from suggester.known_drinks import DrinkName  # noqa: TC001 - NamedTuple keeps annotations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.ranker import Ranker

    Booleans = NDArray[np.bool_]
    Ints = NDArray[np.int64]


class SimilarDrink(NamedTuple):
    """A known drink that is similar to the one of a request.

    Attributes:
        names: its names; none if the model's data have no names.
        similarity: from 0 to 1, the Jaccard similarity of the two sets of ingredients.
        missing: the ids that the known drink has and the other lacks.
        extra: the ids that the known drink lacks and the other has.
    """

    names: tuple[DrinkName, ...]
    similarity: float
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the drink as a JSON object."""
        names = [name.to_json() for name in self.names]
        return {**self._asdict(), "names": names}


def find_similar(
    ranker: Ranker, chosen: Booleans, excluded: Booleans, addable: Booleans, top_k: Sequence[int]
) -> list[list[SimilarDrink]]:
    """Return up to `top_k` known drinks for each drink, most similar first, and often fewer.

    They share an ingredient with the drink. Among equals the order of the recipes decides.

    Args:
        ranker: the model.
        chosen: the drinks, (B, V).
        excluded: the ingredients that no known drink may contain, (B, V).
        addable: the ingredients that may be missing, (B, V).
        top_k: the number of known drinks for each drink, (B,).
    """
    searches = zip(chosen, excluded | ~(addable | chosen), top_k, strict=True)
    return [_find(ranker, drink, forbidden, count) for drink, forbidden, count in searches]


def _find(ranker: Ranker, drink: Booleans, forbidden: Booleans, count: int) -> list[SimilarDrink]:
    recipes = ranker.recipes
    shared = recipes.count_shared(drink)
    if forbidden.any():
        shared[containing(ranker, forbidden)] = 0
    rows = np.flatnonzero(shared)
    shared = shared[rows]
    similarities = shared / (recipes.sizes[rows] + int(drink.sum()) - shared)
    best = largest(similarities, count)
    return [
        _describe(ranker, drink, row, similarity)
        for row, similarity in zip(rows[best].tolist(), similarities[best].tolist(), strict=True)
    ]


def _describe(ranker: Ranker, drink: Booleans, row: int, similarity: float) -> SimilarDrink:
    columns = ranker.recipes[row]
    lacking = drink.copy()
    lacking[columns] = False
    missing, extra = columns[~drink[columns]], np.flatnonzero(lacking)
    ids = ranker.ids
    names = ranker.knowledge.drinks.names(row)
    return SimilarDrink(names, similarity, tuple(ids[missing]), tuple(ids[extra]))


def containing(ranker: Ranker, ingredients: Booleans) -> Booleans:
    """Return which recipes contain one of the ingredients (V,): (N,)."""
    found: Booleans = ranker.recipes.count_shared(ingredients) > 0
    return found


def largest(values: NDArray[np.floating[Any]], count: int) -> Ints:
    """Return the indices of the largest values, largest first; equal ones keep their order."""
    indices = np.arange(len(values))
    if len(values) > count:
        threshold = np.partition(values, -count)[-count]
        indices = np.flatnonzero(values >= threshold)
    best: Ints = indices[np.argsort(-values[indices], kind="stable")[:count]]
    return best
