"""The evaluation protocol: splits and held-out cases."""

from __future__ import annotations

import numpy as np
import pytest

from training.errors import DataTooSmall
from training.recipe_matrix import RecipeMatrix
from training.split import (
    choose_folds,
    cross_validation,
    hide_third,
    leave_one_out,
    split_three_ways,
    split_two_ways,
)


def test_the_split_follows_the_published_protocol() -> None:
    """The rows are permuted with the protocol's seed and divided 80 : 10 : 10."""
    train, validation, test = split_three_ways(56_498)
    assert [len(train), len(validation), len(test)] == [45_198, 5_650, 5_650]
    order = np.random.default_rng(20261120).permutation(56_498)
    assert np.array_equal(np.concatenate([train, validation, test]), order)


def test_a_split_in_two_has_no_overlap() -> None:
    """Every row is in exactly one part."""
    assert sorted(np.concatenate(split_two_ways(17)).tolist()) == list(range(17))


def test_every_row_is_tested_in_one_fold() -> None:
    """The test parts cover all rows, and each fold trains and tunes on the rest."""
    tests = []
    for train, validation, test in cross_validation(32, 5):
        assert len(validation) == 2
        assert sorted([*train, *validation, *test]) == list(range(32))
        tests += test.tolist()
    assert sorted(tests) == list(range(32))


def test_one_fold_is_the_split_of_the_protocol() -> None:
    """A cross-validation with a single fold holds out a tenth."""
    [parts] = cross_validation(40, 1)
    for part, expected in zip(parts, split_three_ways(40), strict=True):
        assert np.array_equal(part, expected)


def test_few_recipes_are_cross_validated() -> None:
    """A tenth of 4,999 recipes would give too few cases."""
    assert (choose_folds(4999), choose_folds(5000)) == (5, 1)


def test_cases_follow_the_random_draws_of_the_protocol() -> None:
    """A recipe of three or more ingredients loses the one at the next random index."""
    recipes = RecipeMatrix.from_rows([[5, 1, 3], [0, 1], [2, 3, 4, 6]], 7)
    cases = leave_one_out(recipes, seed=1)
    generator = np.random.default_rng(1)
    drawn = [int(generator.integers(3)), int(generator.integers(4))]
    assert cases.hidden.tolist() == [[1, 3, 5][drawn[0]], [2, 3, 4, 6][drawn[1]]]
    assert cases.remaining.sizes.tolist() == [2, 3]


def test_few_recipes_are_used_several_times() -> None:
    """More passes with new draws follow until there are enough cases."""
    recipes = RecipeMatrix.from_rows([[0, 1, 2], [1, 2, 3]], 4)
    cases = leave_one_out(recipes, seed=2, at_least=9)
    assert len(cases) == 10
    assert len(set(cases.hidden.tolist())) > 2


def test_recipes_of_two_ingredients_give_no_case() -> None:
    """Without a recipe of three ingredients there is nothing to evaluate."""
    with pytest.raises(DataTooSmall):
        leave_one_out(RecipeMatrix.from_rows([[0, 1]], 2), seed=1)


def test_a_third_of_each_recipe_is_hidden() -> None:
    """One of three or four ingredients is hidden, and two of five to seven."""
    recipes = RecipeMatrix.from_rows([list(range(size)) for size in range(1, 9)], 8)
    drinks = hide_third(recipes, seed=3)
    assert drinks.hidden.sizes.tolist() == [1, 1, 2, 2, 2, 3]
    together = drinks.remaining.multi_hot() + drinks.hidden.multi_hot()
    assert np.array_equal(together, recipes.multi_hot()[2:])


def test_the_hidden_third_is_random() -> None:
    """Each ingredient of equal recipes is hidden in about a third of them."""
    recipes = RecipeMatrix.from_rows([[0, 1, 2, 3, 4, 5]] * 600, 6)
    frequency = hide_third(recipes, seed=3).hidden.frequency()
    assert np.all(np.abs(frequency - 200) < 40)
