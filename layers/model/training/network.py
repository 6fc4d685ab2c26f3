"""The network: which ingredients go with a set of ingredients, whatever their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from training.sets import Ints


def build(frequency: Ints, width: int, dropout: float) -> Any:
    """Build the network: multi-hot (B, V) float32 0/1 -> logits (B, V) float32.

    The drink is divided by sqrt(n), so that its length does not depend on n, its number of
    ingredients; the output bias is the log frequency, so training begins from popularity.
    """
    names = len(frequency)
    drink = keras.Input((names,), name="drink")
    size = keras.ops.sum(drink, axis=-1, keepdims=True)
    unit = keras.ops.divide(drink, keras.ops.sqrt(keras.ops.maximum(size, 1.0)))
    hidden = keras.layers.Dense(width, activation="relu", name="hidden")(unit)
    kept = keras.layers.Dropout(dropout, name="dropout")(hidden)
    output = keras.layers.Dense(names, name="logits")
    network = keras.Model(drink, output(kept), name="barback")
    output.bias.assign(np.log(frequency + 0.5))
    return network
