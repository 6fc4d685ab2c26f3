"""Compare the classifier of drinks with the majority class and with the nearest recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from training.categories import category_numbers, common_categories, learn_categories
from training.split import cross_validation

if TYPE_CHECKING:
    from training.dataset import Dataset
    from training.recipe_matrix import Floats, Ints, RecipeMatrix

SUFFIX: Final = "_categories"
TOP: Final = 3
METHODS: Final = ("majority", "nearest", "barback")


def compare_categories(dataset: Dataset, folds: int) -> dict[str, dict[str, float]]:
    """Return the figures of each method over all test parts; none if there are no categories.

    The recipes for tuning are used for training too, because the classifier divides them itself.
    """
    categories = common_categories(dataset.labels)
    targets = category_numbers(dataset.labels, categories)
    hits: dict[str, list[Floats]] = {name: [] for name in METHODS}
    for train, validation, test in cross_validation(len(targets), folds) if categories else ():
        learned, tested = (
            rows[targets[rows] >= 0] for rows in (np.concatenate([train, validation]), test)
        )
        recipes, drinks = dataset.recipes.take(learned), dataset.recipes.take(tested)
        found = _probabilities(recipes, targets[learned], drinks, len(categories))
        for name, probabilities in found.items():
            hits[name].append(_hits(probabilities, targets[tested]))
    rows = {name: np.concatenate(parts).mean(axis=0) for name, parts in hits.items() if parts}
    return {
        name + SUFFIX: {"accuracy": float(accuracy), "top3": float(top)}
        for name, (accuracy, top) in rows.items()
    }


def _probabilities(
    recipes: RecipeMatrix, targets: Ints, drinks: RecipeMatrix, count: int
) -> dict[str, Floats]:
    """Return each method's probabilities of the categories, (N, C)."""
    shares = (np.bincount(targets, minlength=count) / len(targets)).astype(np.float32)
    nearest: Floats = np.eye(count, dtype=np.float32)[targets[_nearest(recipes, drinks)]]
    nearest += shares / np.float32(len(targets))
    return {
        "majority": np.tile(shares, (len(drinks), 1)),
        "nearest": nearest,
        "barback": learn_categories(recipes, targets, count).probabilities(drinks),
    }


def _nearest(recipes: RecipeMatrix, drinks: RecipeMatrix) -> Ints:
    """Return the row of the recipe with the largest Jaccard similarity to each drink."""
    shared: Any = drinks.multi_hot() @ recipes.multi_hot().T
    together = drinks.sizes[:, None] + recipes.sizes - shared
    rows: Ints = (shared / np.maximum(together, 1)).argmax(axis=1)
    return rows


def _hits(probabilities: Floats, targets: Ints) -> Floats:
    """Return whether the first and the first three categories are right, (N, 2)."""
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :TOP]
    right = best == targets[:, None]
    return np.stack([right[:, 0], right.any(axis=1)], axis=1).astype(np.float32)
