"""The choice of the linear part and of the blend."""

from __future__ import annotations

import numpy as np
import pytest

from training.recipe_matrix import RecipeMatrix
from training.split import Cases
from training.tuning import MAX_LINEAR, fit_linear, keep_largest, tune
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


def test_the_largest_weights_of_each_row_are_kept() -> None:
    """The sign of a weight does not matter."""
    weights = np.array([[0.1, -3, 2], [5, 4, -0.5]], np.float32)
    assert keep_largest(weights, 2).tolist() == [[0, -3, 2], [5, 4, 0]]


@pytest.mark.parametrize(("columns", "kept"), [(999, 998), (1_000, MAX_LINEAR)])
def test_many_ingredients_keep_a_part_of_their_linear_weights(columns: int, kept: int) -> None:
    """A row of all weights would take more memory than the rest of the network."""
    recipes = RecipeMatrix.from_rows([tuple(range(columns))], columns)
    cases = Cases(RecipeMatrix.from_rows([(0,)], columns), np.array([1]))
    linear, _ = fit_linear(recipes, cases)
    assert set(np.count_nonzero(linear, axis=1)) == {kept}
