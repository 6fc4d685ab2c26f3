"""The network: from a set of ingredients to a logit for each ingredient of the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from training.recipe_matrix import Ints


def build_network(frequency: Ints, width: int, dropout: float) -> Any:
    """Build the network: multi-hot drinks (B, V) float32 -> logits (B, V) float32.

    A drink of n ingredients is divided by sqrt(n), so that its length does not depend on n. The
    output bias is the log frequency, so that training starts from popularity.
    """
    columns = len(frequency)
    drink = keras.Input((columns,), name="drink")
    size = keras.ops.sum(drink, axis=-1, keepdims=True)
    unit = keras.ops.divide(drink, keras.ops.sqrt(keras.ops.maximum(size, 1.0)))
    hidden = keras.layers.Dense(width, activation="relu", name="hidden")(unit)
    kept = keras.layers.Dropout(dropout, name="dropout")(hidden)
    output = keras.layers.Dense(columns, name="logits")
    network = keras.Model(drink, output(kept), name="barback")
    output.bias.assign(np.log(frequency + 0.5))
    return network
