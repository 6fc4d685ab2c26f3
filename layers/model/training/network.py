"""The network: from a set of ingredients to a logit for each ingredient of the vocabulary."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from training.weights import Weights

if TYPE_CHECKING:
    from training.plan import Plan
    from training.recipe_matrix import Ints

FORBIDDEN: Final = 1e9  # subtracted from the logits of ingredients that the drink contains
# In a narrow layer, LiteRT takes up to twice as long if its columns are no multiple of this number.
TILE: Final = 16
NARROW: Final = 1_000  # columns


def build_network(frequency: Ints, plan: Plan) -> Any:
    """Build the plan's K networks as one: drinks (B, V) float32 -> logits (B, K, V) float32.

    A drink of n ingredients is divided by sqrt(n), so that its length does not depend on n. The
    output bias is the log frequency, so that training starts from popularity. The logits of
    the drink's own ingredients are extremely low, because the service does not suggest them.
    """
    columns, members, width = len(frequency), plan.members, plan.width
    limit = math.sqrt(6 / (columns + width))  # Glorot's, for each network by itself
    initializer = keras.initializers.RandomUniform(-limit, limit)
    drink, hidden = _hidden_units(columns, members * width, initializer)
    kept = keras.layers.Dropout(plan.dropout, name="dropout")(hidden)
    output = keras.layers.EinsumDense(
        "bkw,kwv->bkv",
        output_shape=(members, columns),
        bias_axes="kv",
        kernel_initializer=initializer,
        name="logits",
    )
    logits = output(keras.layers.Reshape((members, width))(kept))
    output.bias.assign(np.tile(np.log(frequency + 0.5), (members, 1)))
    chosen = keras.ops.expand_dims(keras.ops.multiply(drink, FORBIDDEN), 1)
    return keras.Model(drink, keras.ops.subtract(logits, chosen))


def average_members(network: Any) -> Weights:
    """Return one network whose logits are the mean of those of the K networks.

    Its hidden units are those of all networks, side by side.
    """
    hidden, hidden_bias = network.get_layer("hidden").get_weights()
    output, output_bias = network.get_layer("logits").get_weights()
    members = np.float32(len(output))
    return Weights(
        hidden,
        hidden_bias,
        output.reshape(-1, output.shape[2]) / members,
        output_bias.sum(axis=0) / members,
    )


def rebuild_network(weights: Weights) -> Any:
    """Build the network with these weights, to export it."""
    keras.utils.clear_session()  # Keras numbers layers across networks, which changes the files.
    columns, width = weights.hidden.shape
    drink, hidden = _hidden_units(columns, width)
    padding = -columns % TILE if columns < NARROW else 0
    logits = keras.layers.Dense(columns + padding, name="logits")(hidden)[:, :columns]
    if weights.linear is not None:
        straight = keras.layers.Dense(columns, use_bias=False, name="linear")(drink)
        logits = keras.ops.add(logits, straight)
    network = keras.Model(drink, logits, name="barback")
    network.get_layer("hidden").set_weights([weights.hidden, weights.hidden_bias])
    output = np.pad(weights.output, ((0, 0), (0, padding)))
    network.get_layer("logits").set_weights([output, np.pad(weights.output_bias, (0, padding))])
    if weights.linear is not None:
        network.get_layer("linear").set_weights([weights.linear])
    return network


def _hidden_units(columns: int, width: int, initializer: Any = None) -> tuple[Any, Any]:
    """Return the input (B, V) and the hidden units (B, W)."""
    drink = keras.Input((columns,), name="drink")
    size = keras.ops.sum(drink, axis=-1, keepdims=True)
    unit = keras.ops.divide(drink, keras.ops.sqrt(keras.ops.maximum(size, 1.0)))
    layer = keras.layers.Dense(
        width, activation="relu", kernel_initializer=initializer or "zeros", name="hidden"
    )
    return drink, layer(unit)
