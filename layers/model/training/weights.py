"""The weights of a trained network, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from training.recipe_matrix import Floats, RecipeMatrix


@dataclass(frozen=True)
class Weights:
    """The weights of a network with W hidden units over V ingredients.

    Attributes:
        hidden: from the drink to the hidden units, (V, W).
        hidden_bias: (W,).
        output: from the hidden units to the logits, (W, V).
        output_bias: (V,).
        linear: from the drink straight to the logits, (V, V), or None.
    """

    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats
    linear: Floats | None = None

    @property
    def count(self) -> int:
        """The number of weights."""
        parts = (self.hidden, self.hidden_bias, self.output, self.output_bias, self.linear)
        return sum(part.size for part in parts if part is not None)

    def logits(self, recipes: RecipeMatrix) -> Floats:
        """Return the logits of N drinks, (N, V)."""
        drinks = recipes.multi_hot()
        unit = drinks / np.sqrt(np.maximum(drinks.sum(axis=1, keepdims=True), 1))
        units = np.maximum(unit @ self.hidden + self.hidden_bias, 0)
        logits: Floats = units @ self.output + self.output_bias
        return logits if self.linear is None else logits + drinks @ self.linear

    def with_linear(self, linear: Floats) -> Weights:
        """Return these weights with another linear part."""
        return replace(self, linear=linear)
