"""Of many recipes, those that are most similar to the drink vote.

Each recipe of these tests has an ingredient of its own, whose vote shows the recipe's weight.
"""

from __future__ import annotations

import numpy as np
import pytest

from suggester import nearest_recipes
from suggester.nearest_recipes import NEAREST, NearestRecipes

RECIPES = 13_000  # enough for groups of sixteen
COMMON = 60
BETA = 20.0


@pytest.fixture(scope="module")
def recipes() -> np.ndarray:
    """Return the common ingredients of each recipe, (RECIPES, COMMON); the first are frequent."""
    generator = np.random.default_rng(4)
    return generator.random((RECIPES, COMMON)) < 2 / (np.arange(COMMON) + 4)


@pytest.fixture(scope="module")
def voters(recipes: np.ndarray) -> NearestRecipes:
    own = np.arange(RECIPES)[:, None] + COMMON
    rows = [np.append(np.flatnonzero(row), mark) for row, mark in zip(recipes, own, strict=True)]
    indptr = np.cumsum([0, *map(len, rows)])
    return NearestRecipes(indptr, np.concatenate(rows), COMMON + RECIPES, BETA)


@pytest.fixture(scope="module")
def drinks() -> np.ndarray:
    """Return drinks of one to twelve common ingredients."""
    generator = np.random.default_rng(5)
    chosen = np.zeros((24, COMMON + RECIPES), np.float32)
    for row, drink in enumerate(chosen):
        drink[generator.choice(COMMON, row // 2 + 1, replace=False)] = 1
    return chosen


def cosines(recipes: np.ndarray, drink: np.ndarray) -> np.ndarray:
    shared = recipes @ drink[:COMMON]
    return np.asarray(shared / np.sqrt((recipes.sum(axis=1) + 1) * drink.sum()))


def test_the_nearest_recipes_vote(
    voters: NearestRecipes, recipes: np.ndarray, drinks: np.ndarray
) -> None:
    """All recipes of at least some similarity vote, and they are at least NEAREST."""
    for drink, votes in zip(drinks, voters.vote(drinks), strict=True):
        similar, votes_of = cosines(recipes, drink), votes[COMMON:] > 0
        assert votes_of.sum() >= NEAREST
        assert similar[votes_of].min() > similar[~votes_of].max()


def test_no_more_than_necessary_vote(
    voters: NearestRecipes, recipes: np.ndarray, drinks: np.ndarray
) -> None:
    """Apart from equally similar recipes, few more than NEAREST vote."""
    for drink, votes in zip(drinks, voters.vote(drinks), strict=True):
        similar, votes_of = cosines(recipes, drink), votes[COMMON:] > 0
        last = similar[votes_of].min()
        assert (similar > last + 1e-6).sum() < 2 * NEAREST


def test_a_weight_is_exponential_in_the_similarity(
    voters: NearestRecipes, recipes: np.ndarray, drinks: np.ndarray
) -> None:
    """Two recipes vote in the ratio exp(beta * difference of their cosines)."""
    for drink, votes in zip(drinks, voters.vote(drinks), strict=True):
        own, similar = votes[COMMON:], cosines(recipes, drink)
        best = similar[own.argmax()]
        expected = own.max() * np.exp(BETA * (similar[own > 0] - best))
        np.testing.assert_allclose(own[own > 0], expected, rtol=1e-3)


def test_a_row_does_not_depend_on_its_batch(voters: NearestRecipes, drinks: np.ndarray) -> None:
    """A drink gets exactly the same vote alone and in a batch of several passes."""
    together = voters.vote(np.concatenate([drinks] * 3))
    alone = np.concatenate([voters.vote(drink[None]) for drink in drinks])
    assert (together == np.concatenate([alone] * 3)).all()


def test_rare_ingredients_are_counted_like_frequent_ones(
    recipes: np.ndarray, drinks: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory for frequent ingredients changes the time, but not the result."""
    rows = [np.flatnonzero(row) for row in recipes]
    arguments = (np.cumsum([0, *map(len, rows)]), np.concatenate(rows), COMMON, BETA)
    expected = NearestRecipes(*arguments).vote(drinks[:, :COMMON])
    monkeypatch.setattr(nearest_recipes, "DENSE_BYTES", 0)
    assert (NearestRecipes(*arguments).vote(drinks[:, :COMMON]) == expected).all()


def test_recipes_inside_the_drink_are_left_out() -> None:
    """They do not vote, and do not count as the most similar ones."""
    inside, others = 4_001, 3_000  # not a multiple of the size of a group
    rows = [[0, 1]] * inside + [[0, 2 + mark] for mark in range(others)]
    indptr = np.cumsum([0, *map(len, rows)])
    voters = NearestRecipes(indptr, np.concatenate(rows), 2 + others, 1000.0)
    drink = np.zeros((1, 2 + others), np.float32)
    drink[0, :2] = 1
    np.testing.assert_allclose(voters.vote(drink)[0], [0, 0, *[1 / others] * others], rtol=1e-4)
