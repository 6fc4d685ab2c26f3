"""The ingredients that finish a drink, for a few recipes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from suggester.completions import Completions
from suggester.recipe_index import RecipeIndex

# 0 espresso, 1 milk, 2 sugar, 3 tea, 4 lemon, 5 honey, 6 ice
RECIPES = [(0, 1), (0, 1, 2), (0, 1, 6), (3, 4), (3, 4, 5), (3, 4, 2), (1, 5)]
SIZES = [len(recipe) for recipe in RECIPES]
COMPLETIONS = Completions(
    RecipeIndex(
        np.concatenate(([0], np.cumsum(SIZES))), np.array([c for r in RECIPES for c in r]), 7
    )
)
ONES = np.ones(7, np.float32)


def choose(
    *drink: int, count: int | None = None, forbidden: tuple[int, ...] = (), rare: float = 1.0
) -> list[int]:
    """Return what is added, sorted; lemon's value is multiplied by `rare`."""
    chosen = np.isin(np.arange(7), drink)
    probabilities = np.where(chosen | np.isin(np.arange(7), forbidden), 0, 1 / 7)
    factors = ONES.copy()
    factors[4] = rare
    columns = COMPLETIONS.choose(chosen, probabilities.astype(np.float32), factors, count)
    return sorted(columns.tolist())


def test_a_drink_becomes_what_similar_recipes_are() -> None:
    """Every recipe with espresso has milk; sugar and ice are in one each."""
    assert choose(0) == [1]
    assert choose(3) == [4]


@pytest.mark.parametrize("count", range(1, 7))
def test_a_given_number_is_added(count: int) -> None:
    """Where the recipes know no more, the other ingredients follow."""
    assert len(choose(0, count=count)) == count
    assert 1 in choose(0, count=count)


def test_no_more_is_added_than_is_allowed() -> None:
    """A drink may stay shorter than its length."""
    assert choose(0, count=5, forbidden=(1, 4, 5, 6)) == [2, 3]


def test_a_forbidden_ingredient_is_not_added_before_an_improbable_one() -> None:
    """The smallest probability is lost in rounding, but an exclusion is not."""
    drink = np.isin(np.arange(7), [0])
    probabilities = np.zeros(7, np.float32)
    probabilities[[4, 6]] = np.finfo(np.float32).smallest_subnormal
    assert sorted(COMPLETIONS.choose(drink, probabilities, ONES, 2).tolist()) == [4, 6]


def test_a_forbidden_ingredient_is_replaced() -> None:
    """A latte without milk still becomes a drink."""
    assert choose(0, forbidden=(1,)) in ([2], [6], [2, 6])


def test_something_is_added_where_no_recipe_is_similar() -> None:
    """A drink without similar recipes gets the most probable ingredient."""
    assert len(choose(0, 1, 2, 3, 4, 5)) == 1
    assert len(choose(6, forbidden=(0, 1))) == 1


def test_a_factor_changes_the_choice() -> None:
    """With a small factor an ingredient is chosen last."""
    assert 4 not in choose(3, count=1, rare=0.01)


def test_the_set_has_the_largest_expected_f1() -> None:
    """No other set of any size is better on the weighted recipes."""
    generator = np.random.default_rng(3)
    recipes = [generator.choice(7, generator.integers(2, 6), replace=False) for _ in range(30)]
    sizes = [len(recipe) for recipe in recipes]
    ends = np.concatenate(([0], np.cumsum(sizes)))
    completions = Completions(RecipeIndex(ends, np.concatenate(recipes), 7))
    for first, second in itertools.combinations(range(7), 2):
        drink = np.isin(np.arange(7), (first, second))
        probabilities = np.where(drink, 0, 1 / 7).astype(np.float32)
        found = set(completions.choose(drink, probabilities, ONES, None).tolist())
        weighted = _weighted(recipes, {first, second})
        best = max(
            _expected_f1(set(other), weighted)
            for size in range(1, 6)
            for other in itertools.combinations(np.flatnonzero(~drink).tolist(), size)
        )
        assert _expected_f1(found, weighted) == pytest.approx(best, abs=1e-4)


def _weighted(recipes: list[np.ndarray], drink: set[int]) -> list[tuple[float, set[int]]]:
    """Return the weight of each recipe that shares something, and what it adds."""
    weighted = []
    for recipe in map(set, recipes):
        cosine = len(recipe & drink) / np.sqrt(len(recipe) * len(drink))
        if recipe & drink and recipe - drink:
            weighted.append((float(np.exp(7 * cosine)), recipe - drink))
    return weighted


def _expected_f1(added: set[int], weighted: list[tuple[float, set[int]]]) -> float:
    total = sum(weight for weight, _ in weighted)
    return (
        sum(
            weight * 2 * len(added & missing) / (len(added) + len(missing))
            for weight, missing in weighted
        )
        / total
    )
