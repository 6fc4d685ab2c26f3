"""The batches of the training: drinks with a hidden ingredient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from training.console import silence_stderr
from training.recipe_matrix import RecipeMatrix

if TYPE_CHECKING:
    from types import ModuleType

# TensorFlow and Keras use features that NumPy 2 and Python 3.13 deprecate.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

RECIPES = RecipeMatrix.from_rows([[0, 1, 2], [1, 3], [0, 2, 3, 4]] * 4, 5)


@pytest.fixture
def fit() -> ModuleType:
    with silence_stderr():
        from training import fit  # noqa: PLC0415 - TensorFlow takes seconds
    return fit


def test_each_recipe_loses_one_of_its_ingredients(fit: ModuleType) -> None:
    """An epoch contains every recipe once, without its hidden ingredient."""
    batches = list(fit.hide_ingredients(RECIPES, 5, 0.0, np.random.default_rng(1)))
    drinks = np.concatenate([inputs for inputs, _ in batches])
    hidden = np.concatenate([names for _, names in batches])
    assert [len(inputs) for inputs, _ in batches] == [5, 5, 2]
    assert not drinks[np.arange(12), hidden].any()
    drinks[np.arange(12), hidden] = 1
    assert sorted(drinks.tolist()) == sorted(RECIPES.multi_hot().tolist())


def test_a_share_of_the_drinks_is_empty(fit: ModuleType) -> None:
    """With a share of 1 every drink loses all its ingredients."""
    batches = fit.hide_ingredients(RECIPES, 5, 1.0, np.random.default_rng(1))
    assert not any(inputs.any() for inputs, _ in batches)
