"""A model of the size of large data, with random recipes and weights.

Its answers mean nothing, but it needs as much time and memory as a trained model of its size.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from training import export
from training.console import silence_stderr
from training.ingredients import Ingredient
from training.recipe_matrix import RecipeMatrix
from training.weights import Weights

RECIPES: Final = 39_772
INGREDIENTS: Final = 3_336
WIDTH: Final = 1_024
SEED: Final = 7
# The n-th most frequent ingredient is in a share of 1.57 / (n + 2.5) of the recipes: the first one
# in almost half of them, and a recipe has eleven ingredients on average.
SHARES: Final = 1.57 / (np.arange(1, INGREDIENTS + 1) + 2.5)


def write(folder: Path) -> None:
    """Write the artifacts of the model."""
    recipes = random_recipes()
    ids = [f"ingredient-{column:04}" for column in range(INGREDIENTS)]
    with silence_stderr():
        from training.network import rebuild_network  # noqa: PLC0415 - TensorFlow takes seconds
    with tempfile.TemporaryDirectory() as temporary:
        files = export.network_files(rebuild_network(random_weights()), Path(temporary))
    files |= {
        "vocabulary.json": export.vocabulary_file(
            (Ingredient(name, name) for name in ids), recipes
        ),
        "recipes.npz": export.recipes_file(recipes),
        **{name: export.mask_file(name.removesuffix(".txt"), ids) for name in export.MASK_FILES},
    }
    export.write_artifacts(folder, files, {"neighbours": {"beta": 20.0, "weight": 0.3}})


def random_recipes() -> RecipeMatrix:
    """Return the recipes; every call returns the same."""
    generator = np.random.default_rng(SEED)
    columns = generator.permutation(INGREDIENTS)
    parts = [
        np.argwhere(generator.random((len(part), INGREDIENTS)) < SHARES) + np.array((part[0], 0))
        for part in np.array_split(np.arange(RECIPES), 40)
    ]
    rows, places = np.concatenate(parts).T
    sizes = np.bincount(rows, minlength=RECIPES)
    indptr = np.concatenate(([0], np.cumsum(sizes)))
    return RecipeMatrix(indptr, columns[places], INGREDIENTS)


def random_weights() -> Weights:
    """Return the weights; every call returns the same."""
    generator = np.random.default_rng(SEED)
    shapes = ((INGREDIENTS, WIDTH), (WIDTH,), (WIDTH, INGREDIENTS), (INGREDIENTS,))
    return Weights(*(generator.normal(0, 0.05, shape).astype(np.float32) for shape in shapes))
