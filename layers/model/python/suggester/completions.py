"""Finishes a drink as a whole: the ingredients that make it most like the recipes it may become.

A similar recipe is a guess of what the drink will be. The set of ingredients to add has the
largest expected F1 against all these guesses, over sets of up to 32 or of a given size.
(Among sets of one size this is exact: Dembczynski et al., "An exact algorithm for F-measure
maximization", NIPS 2011.) V is the number of ingredients, N the number of recipes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.requests import MAX_INGREDIENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from suggester.recipe_index import RecipeIndex

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Booleans = NDArray[np.bool_]
    Ints = NDArray[np.int64]

SIMILARITY: Final = 7.0  # the factor of the cosine similarity of drink and recipe
NEAREST: Final = 512  # recipes that count
TIE: Final = 1e-6  # how much probabilities count, compared with expected F1


class Completions:
    """Finishes drinks with the known recipes."""

    def __init__(self, recipes: RecipeIndex) -> None:
        self._recipes = recipes

    def choose(
        self, drink: Booleans, probabilities: Floats, factors: Floats, count: int | None
    ) -> Ints:
        """Return the columns of the ingredients to add to a drink, at least one.

        Args:
            drink: what the drink contains, (V,).
            probabilities: how probable each ingredient is as the next one, (V,), and 0 where it
                may not be added.
            factors: by which the value of each ingredient is multiplied, (V,).
            count: how many to add, or None to choose; fewer if fewer may be added.
        """
        free = probabilities > 0
        scores = self._expected_shares(drink, free)
        if count is None and not scores.any():
            count = 1  # no recipe is similar
        scores *= factors
        scores += TIE * probabilities
        scores[:, ~free] = -1
        most = min(int(free.sum()), MAX_INGREDIENTS)
        size = _best_size(scores[:most]) if count is None else min(count, most)
        columns: Ints = np.argsort(-scores[size - 1], kind="stable")[:size]
        return columns

    def _expected_shares(self, drink: Booleans, free: Booleans) -> Doubles:
        """Return what each ingredient adds to the expected F1 of a set of 1, 2, …, 32: (32, V)."""
        recipes, entries, owner = self._missing(drink)
        added = free[entries]
        counts = np.bincount(owner[added], minlength=len(recipes))
        lacking = np.bincount(owner, minlength=len(recipes))
        weights = _weights(int(drink.sum()), self._recipes.sizes[recipes], lacking) * (counts > 0)
        largest = int(counts.max(initial=1))
        # The recipes that add m ingredients together give this weight to each ingredient.
        places = counts[owner[added]] * len(drink) + entries[added]
        total = np.bincount(places, weights[owner[added]], (largest + 1) * len(drink))
        total = total.reshape(largest + 1, len(drink))
        sizes = np.arange(1, MAX_INGREDIENTS + 1)
        shares: Doubles = (2 / (sizes[:, None] + np.arange(largest + 1))) @ total
        return shares / max(float(weights.sum()), TIE)

    def _missing(self, drink: Booleans) -> tuple[Ints, Ints, Ints]:
        """Return the most similar recipes, and each ingredient that the drink lacks of them.

        Returns the rows of the recipes (R,), the columns (E,) and the index in 0..R-1 of the
        recipe of each column (E,).
        """
        shared = self._recipes.count_shared(drink)
        recipes = np.flatnonzero(shared)
        if len(recipes) > NEAREST:
            cosine = shared[recipes] / np.sqrt(self._recipes.sizes[recipes])
            recipes = recipes[np.argsort(-cosine, kind="stable")[:NEAREST]]
        entries, owner = self._recipes.entries(recipes)
        lacking = ~drink[entries]
        return recipes, entries[lacking], owner[lacking]


def _best_size(scores: Doubles) -> int:
    """Return the size whose best ingredients add up to most; row k - 1 is for size k."""
    highest = -np.sort(-scores.astype(np.float32), axis=1)[:, : len(scores)]
    return int(np.tril(highest).sum(axis=1).argmax()) + 1


def _weights(drink: int, recipes: Ints, lacking: Ints) -> Doubles:
    """Return how much each recipe counts, (R,); the largest weight is 1.

    `drink` and `recipes` are sizes; `lacking` is what the drink lacks of each recipe.
    """
    cosine = (recipes - lacking) / np.sqrt(recipes * max(drink, 1))
    weights: Doubles = np.exp(SIMILARITY * (cosine - cosine.max(initial=0)))
    return weights
