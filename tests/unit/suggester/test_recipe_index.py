"""The recipes, and the recipes that contain each ingredient."""

from __future__ import annotations

import numpy as np

from suggester.recipe_index import RecipeIndex

INDEX = RecipeIndex(np.array([0, 2, 3, 6]), np.array([0, 3, 1, 0, 1, 3]), 5)


def test_it_has_the_ingredients_of_each_recipe() -> None:
    assert [INDEX[row].tolist() for row in range(len(INDEX))] == [[0, 3], [1], [0, 1, 3]]


def test_it_has_the_recipes_of_each_ingredient() -> None:
    holders = [INDEX.holders(column).tolist() for column in range(5)]
    assert holders == [[0, 2], [1, 2], [], [0, 2], []]
    assert INDEX.frequency.tolist() == [2, 2, 0, 2, 0]


def test_it_counts_the_ingredients_that_each_recipe_shares() -> None:
    assert INDEX.count_shared(np.array([1, 0, 1, 1, 0], np.bool_)).tolist() == [2, 0, 2]
    assert INDEX.count_shared(np.zeros(5, np.bool_)).tolist() == [0, 0, 0]


def test_it_lists_the_ingredients_of_some_recipes_with_their_owners() -> None:
    entries, owners = INDEX.entries(np.array([2, 0]))
    assert entries.tolist() == [0, 1, 3, 0, 3]
    assert owners.tolist() == [0, 0, 0, 1, 1]
