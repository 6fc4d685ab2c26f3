"""The classifier of drinks, and the vectors of ingredients."""

from __future__ import annotations

import json

import numpy as np
import pytest

from training.categories import category_numbers, common_categories, learn_categories
from training.dataset import Dataset
from training.embedding import DIMENSIONS, embed
from training.export import drinks_file
from training.recipe_matrix import RecipeMatrix
from training.recipes.labels import NO_LABEL, Label
from training.weights import Weights


def random_recipes(count: int) -> RecipeMatrix:
    """Return recipes over eight ingredients, one to four each."""
    generator = np.random.default_rng(4)
    rows = [generator.choice(8, generator.integers(1, 5), replace=False) for _ in range(count)]
    return RecipeMatrix.from_rows([row.tolist() for row in rows], 8)


def test_a_category_follows_from_an_ingredient() -> None:
    recipes = random_recipes(400)
    targets = (recipes.multi_hot()[:, 2] > 0).astype(np.int64)
    found = learn_categories(recipes, targets, 2).probabilities(recipes)
    assert (found.argmax(axis=1) == targets).mean() > 0.98


def test_an_empty_drink_has_the_shares_of_the_categories() -> None:
    recipes = random_recipes(400)
    targets = np.repeat([0, 1], [300, 100])
    empty = RecipeMatrix.from_rows([[]], 8)
    found = learn_categories(recipes, targets, 2).probabilities(empty)
    np.testing.assert_allclose(found, [[0.75, 0.25]], atol=5e-3)


def test_a_recipe_without_a_category_does_not_count() -> None:
    recipes = random_recipes(200)
    targets = (recipes.multi_hot()[:, 2] > 0).astype(np.int64)
    unknown = np.where(np.arange(200) < 100, targets, -1)
    known = learn_categories(recipes.take(np.arange(100)), targets[:100], 2)
    np.testing.assert_array_equal(learn_categories(recipes, unknown, 2).weights, known.weights)


def test_the_weights_minimise_the_loss() -> None:
    """No small step lowers the log loss with its penalty."""
    from training.categories import fit_classifier  # noqa: PLC0415 - only here

    recipes = random_recipes(300)
    targets = np.random.default_rng(5).integers(0, 3, 300)
    best = fit_classifier(recipes, targets, 3, 0.3)

    def loss(weights: np.ndarray) -> float:
        scale = 1 / np.sqrt(recipes.sizes[:, None])
        logits = recipes.multi_hot() @ weights * scale + best.bias
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(300), targets].sum() + 0.15 * (weights**2).sum())

    generator = np.random.default_rng(6)
    for _ in range(20):
        step = generator.normal(size=best.weights.shape)
        assert loss(best.weights + 0.1 * step / np.linalg.norm(step)) > loss(best.weights)


def test_a_rare_category_is_left_out() -> None:
    labels = [Label(category=name) for name in ["tea"] * 5 + ["soda"] * 6 + ["cocoa"] * 4]
    assert common_categories([*labels, NO_LABEL]) == ["soda", "tea"]
    assert category_numbers(labels[4:12], ["soda", "tea"]).tolist() == [1, 0, 0, 0, 0, 0, 0, -1]


def test_a_single_category_is_none() -> None:
    assert common_categories([Label(category="tea")] * 9) == []


def test_the_file_has_a_line_for_each_distinct_recipe() -> None:
    recipes = RecipeMatrix.from_rows([[0, 1], [1], [1, 0], [0]], 2)
    labels = [Label("A", "А", "tea"), NO_LABEL, Label("C", "", "cocoa"), Label("D")]
    content = drinks_file(Dataset(recipes, [], labels), ["cocoa", "tea"])
    rows = [["A", "А", 1, "C", "", 0], [], ["D", "", None]]
    assert json.loads(content) == {"categories": ["cocoa", "tea"], "drinks": rows}
    assert len(content.splitlines()) == len(rows) + 2


@pytest.mark.parametrize("count", [5, DIMENSIONS + 40])
def test_ingredients_with_similar_weights_have_similar_vectors(count: int) -> None:
    generator = np.random.default_rng(7)
    hidden = generator.normal(size=(count, 200)).astype(np.float32)
    output = generator.normal(size=(200, count)).astype(np.float32)
    hidden[1], output[:, 1] = 2 * hidden[0], 3 * output[:, 0]
    weights = Weights(hidden, np.zeros(200, np.float32), output, np.zeros(count, np.float32))
    products = embed(weights) @ embed(weights).T
    assert products[0, 1] > products[0, 2:].max() + 0.2
    assert embed(weights).shape == (count, min(count, DIMENSIONS))


def test_the_weights_in_and_out_count_equally() -> None:
    """With few ingredients, nothing is lost in the vectors."""
    hidden, output = np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32)
    hidden[1], output[:, 3] = hidden[0], output[:, 1]
    weights = Weights(hidden, np.zeros(4, np.float32), output, np.zeros(4, np.float32))
    products = embed(weights) @ embed(weights).T
    assert products[[0, 1, 0, 2], [1, 3, 2, 3]] == pytest.approx([0.5, 0.5, 0, 0], abs=2e-3)
