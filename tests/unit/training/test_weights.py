"""The weights of a network as arrays."""

from __future__ import annotations

import numpy as np

from training.recipe_matrix import RecipeMatrix
from training.weights import Weights

DRINKS = RecipeMatrix.from_rows([[], [0], [1, 2], [0, 1, 3]], 4)


def weights_of(seed: int) -> Weights:
    generator = np.random.default_rng(seed)
    shapes = ((4, 3), (3,), (3, 4), (4,))
    return Weights(*(generator.normal(size=shape).astype(np.float32) for shape in shapes))


def test_the_linear_part_adds_a_row_for_each_ingredient() -> None:
    """A drink is not divided by the root of its size for the linear part."""
    linear = np.arange(16, dtype=np.float32).reshape(4, 4)
    added = weights_of(1).with_linear(linear).logits(DRINKS) - weights_of(1).logits(DRINKS)
    expected = [[0] * 4, linear[0], linear[1] + linear[2], linear[0] + linear[1] + linear[3]]
    np.testing.assert_allclose(added, expected, atol=1e-4)


def test_the_count_includes_the_linear_part() -> None:
    """It is the number of parameters in the model card."""
    assert weights_of(1).count == 12 + 3 + 12 + 4
    assert weights_of(1).with_linear(np.zeros((4, 4), np.float32)).count == 31 + 16
