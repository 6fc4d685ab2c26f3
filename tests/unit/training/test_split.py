"""The evaluation protocol: splits and held-out cases."""

from __future__ import annotations

import numpy as np
import pytest

from training.errors import DataTooSmall
from training.recipe_matrix import RecipeMatrix
from training.split import folds, leave_one_out, split_three_ways, split_two_ways


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
    """The test parts cover all rows, and each fold trains on the rest."""
    tests = []
    for train, test in folds(17, 5):
        assert sorted([*train.tolist(), *test.tolist()]) == list(range(17))
        tests += test.tolist()
    assert sorted(tests) == list(range(17))


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
