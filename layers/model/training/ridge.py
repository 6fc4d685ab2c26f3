"""Ridge regression of each ingredient on all others in closed form (EASE: Steck, WWW 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from training.recipe_matrix import RecipeMatrix

RIDGES: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
BATCH: Final = 4096

Doubles = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def co_occurrence(recipes: RecipeMatrix) -> Doubles:
    """Count the recipes that contain both of two ingredients, (V, V) float64."""
    together = np.zeros((recipes.columns, recipes.columns))
    for start in range(0, len(recipes), BATCH):
        rows = np.arange(start, min(start + BATCH, len(recipes)))
        dense = recipes.take(rows).multi_hot()
        together += dense.T @ dense
    return together


def regress(together: Doubles, ridge: Doubles | float) -> Doubles:
    """Return the weights (V, V) whose diagonal is 0; the ridge is one number, or (V,)."""
    inverse = np.linalg.inv(together + np.diag(np.broadcast_to(ridge, len(together))))
    weights: Doubles = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights
