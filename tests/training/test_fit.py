"""The batches of the training: drinks with a hidden ingredient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from training.console import silence_stderr
from training.plan import Plan
from training.recipe_matrix import RecipeMatrix
from training.split import leave_one_out
from training.weights import Weights

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


def test_a_share_of_the_drinks_keeps_one_ingredient_or_none(fit: ModuleType) -> None:
    """With a share of 1, all of them do."""
    recipes = RecipeMatrix.from_rows([[0, 1, 2, 3]] * 100, 5)
    [(drinks, hidden)] = fit.hide_ingredients(recipes, 100, 1.0, np.random.default_rng(1))
    assert not drinks[np.arange(100), hidden].any()
    assert set(drinks.sum(axis=1)) == {0, 1}
    assert drinks.any(axis=0).tolist() == [True, True, True, True, False]


PLAN = Plan(members=2, width=3, epochs=2, batch=5, patience=10)
CASES = leave_one_out(RECIPES, seed=2)


def test_every_network_of_the_plan_is_trained(fit: ModuleType) -> None:
    """The average has the hidden units of all, which differ."""
    trained = fit.fit(RECIPES, CASES, PLAN, lambda _: None)
    assert trained.weights.hidden.shape == (5, 6)
    assert not np.allclose(trained.weights.hidden[:, :3], trained.weights.hidden[:, 3:])


@pytest.fixture
def network() -> ModuleType:
    with silence_stderr():
        from training import network  # noqa: PLC0415 - TensorFlow takes seconds
    return network


def test_the_average_gives_the_mean_of_all_logits(network: ModuleType) -> None:
    """The logits of ingredients that a drink contains do not count in the training."""
    trained = network.build_network(RECIPES.frequency(), PLAN)
    drinks = RECIPES.multi_hot()
    means = np.asarray(trained(drinks)).mean(axis=1)
    average = network.average_members(trained).logits(RECIPES)
    np.testing.assert_allclose(average[drinks == 0], means[drinks == 0], atol=1e-5)
    assert (means[drinks == 1] < -1e8).all()


def test_the_exported_network_has_the_weights_and_their_linear_part(network: ModuleType) -> None:
    """Keras and the arrays give the same logits."""
    generator = np.random.default_rng(1)
    shapes = ((5, 3), (3,), (3, 5), (5,), (5, 5))
    weights = Weights(*(generator.normal(size=shape).astype(np.float32) for shape in shapes))
    logits = np.asarray(network.rebuild_network(weights)(RECIPES.multi_hot()))
    np.testing.assert_allclose(logits, weights.logits(RECIPES), atol=1e-5)
