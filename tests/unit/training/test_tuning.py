"""The choice of the linear part and of the blend."""

from __future__ import annotations

import numpy as np
import pytest

from training.recipe_matrix import RecipeMatrix
from training.split import Cases
from training.tuning import tune
from training.weights import Weights

# 0 occurs with 1 and 2 with 3. Recipes with 4, 5 and 6 have a fourth ingredient at random.
OTHERS = [(4, 5, 6, other) for other in range(7, 13)]
RECIPES = RecipeMatrix.from_rows([(0, 1), (2, 3), *OTHERS] * 5, 13)
HIDDEN = np.array([1, 3, 0, 2])
EVEN = Weights(
    np.zeros((13, 1), np.float32),
    np.zeros(1, np.float32),
    np.zeros((1, 13), np.float32),
    np.zeros(13, np.float32),
)


def cases_of(*drinks: tuple[int, ...]) -> Cases:
    return Cases(RecipeMatrix.from_rows(drinks, 13), HIDDEN)


def test_a_linear_part_that_helps_is_added() -> None:
    """The most similar recipes are those with 4, 5 and 6, but only a regression knows the pairs."""
    cases = cases_of((0, 4, 5, 6), (2, 4, 5, 6), (1, 4, 5, 6), (3, 4, 5, 6))
    network, blend = tune(EVEN, RECIPES, cases)
    assert network.linear is not None
    assert (blend.ridge > 0, blend.gain > 0) == (True, True)
    assert blend.validation.mrr == pytest.approx(1)


def test_a_linear_part_that_does_not_help_is_left_out() -> None:
    """Where the vote finds every ingredient, more weights would be of no use."""
    network, blend = tune(EVEN, RECIPES, cases_of((0,), (2,), (1,), (3,)))
    assert network.linear is None
    assert (blend.ridge, blend.gain) == (0, 0)
    assert blend.validation.mrr == pytest.approx(1)
