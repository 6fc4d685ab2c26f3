"""The evaluation of substitutes, and that of categories."""

from __future__ import annotations

import numpy as np
import pytest

from training.category_comparison import compare_categories
from training.dataset import Dataset
from training.recipe_matrix import RecipeMatrix
from training.recipes.labels import NO_LABEL, Label
from training.substitutes import Replacements, find_replacements, measure_substitutes

TRAIN = RecipeMatrix.from_rows([[0, 1, 2, 3], [0, 1, 2], [0, 1, 2, 5]], 6)
TEST = RecipeMatrix.from_rows([[0, 1, 2, 4], [0, 1, 2, 5], [0, 4]], 6)


def test_a_replacement_makes_a_recipe_of_the_test_part() -> None:
    """A recipe that the training part has too is no target, but may be changed."""
    cases = find_replacements(TRAIN, TEST, (["a"] * 3, ["a"] * 3))
    assert [cases.remaining[row].tolist() for row in range(2)] == [[0, 1, 2]] * 2
    assert (cases.replaced.tolist(), cases.replacement.tolist()) == ([3, 5], [4, 4])


def test_a_replacement_keeps_the_category() -> None:
    cases = find_replacements(TRAIN, TEST, (["a", "a", "b"], ["b"] * 3))
    assert (cases.replaced.tolist(), cases.replacement.tolist()) == ([5], [4])


def test_pairs_of_small_recipes_do_not_count() -> None:
    small = RecipeMatrix.from_rows([[0, 1, 2]], 6), RecipeMatrix.from_rows([[0, 1, 3]], 6)
    assert not len(find_replacements(*small, ([""], [""])).replaced)


def test_an_ingredient_of_the_same_role_gets_a_better_rank() -> None:
    """What the masks forbid, and the replaced ingredient, get no rank before it."""
    cases = Replacements(RecipeMatrix.from_rows([[0]], 6), np.array([1]), np.array([2]))
    scores = np.array([[1, 9, 1, 8, 2, -np.inf]], np.float32)
    embedding = np.array([[0, 0], [1, 0], [1, 0], [0, 1], [0, 1], [1, 0]], np.float32)
    assert measure_substitutes(lambda _: scores, embedding, cases).tolist() == [[3, 1]]


def test_a_forbidden_replacement_is_a_miss() -> None:
    cases = Replacements(RecipeMatrix.from_rows([[0]], 3), np.array([1]), np.array([2]))
    scores = np.array([[1, 1, -np.inf]], np.float32)
    found = measure_substitutes(lambda _: scores, np.eye(3, dtype=np.float32), cases)
    assert found.tolist() == [[np.inf, np.inf]]


def test_categories_are_compared_with_the_majority_and_the_nearest_recipe() -> None:
    """An ingredient decides the category, and two thirds of the drinks have the same one."""
    generator = np.random.default_rng(8)
    rows = [[row % 3, *generator.choice([3, 4, 5, 6, 7], 2, replace=False)] for row in range(120)]
    labels = [Label(category="tea" if row % 3 else "cocoa") for row in range(120)]
    dataset = Dataset(RecipeMatrix.from_rows(rows, 8), [], labels)
    found = compare_categories(dataset, 5)
    assert list(found) == ["majority_categories", "nearest_categories", "barback_categories"]
    assert found["majority_categories"]["accuracy"] == pytest.approx(2 / 3)
    assert found["nearest_categories"]["accuracy"] > 2 / 3
    assert found["barback_categories"] == {"accuracy": 1, "top3": 1}


def test_data_without_categories_have_no_such_rows() -> None:
    recipes = RecipeMatrix.from_rows([[0, 1]] * 9, 2)
    assert compare_categories(Dataset(recipes, [], [NO_LABEL] * 9), 3) == {}
