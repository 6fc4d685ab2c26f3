"""Prepare a network for serving: half-precision weights, and a first layer that adds rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np
import tensorflow as tf

from training.errors import ExportFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Halves = NDArray[np.float16]

MIN_COLUMNS: Final = 200  # ingredients, from which adding rows is faster than a matrix product
MANY_COLUMNS: Final = 1_000  # ingredients, from which 8-bit weights save the most time
SPARSE: Final = 0.25  # the largest share of weights other than 0 in the rows of a sparse layer


@dataclass(frozen=True)
class FirstLayer:
    """Dense layers side by side: kernel (V, W), bias (W,).

    The first `scaled` columns take drink / sqrt(n), the others the drink itself. Each row has few
    weights, or none, from column `sparse` on.
    """

    kernel: Halves
    bias: Halves
    scaled: int
    sparse: int

    def arrays(self) -> dict[str, Any]:
        """Return the arrays of the file, with the sparse columns as pairs of column and weight."""
        sparse = self.kernel[:, self.sparse :]
        count = int(np.count_nonzero(sparse, axis=1).max(initial=0))
        columns = np.sort(np.argsort(sparse == 0, axis=1, kind="stable")[:, :count], axis=1)
        return {
            "kernel": self.kernel[:, : self.sparse],
            "columns": columns.astype(np.min_scalar_type(sparse.shape[1])),
            "weights": np.take_along_axis(sparse, columns, axis=1),
            "bias": self.bias,
            "scaled": np.int64(self.scaled),
        }


def round_weights(network: Any) -> Any:
    """Return a copy without an optimizer whose weights are float16 numbers, stored as float32.

    Raises:
        ExportFailed: a weight is too large for float16.
    """
    copy = keras.Model.from_config(network.get_config())
    copy.set_weights([_rounded(weight) for weight in network.get_weights()])
    return copy


def split(network: Any) -> tuple[FirstLayer | None, Any]:
    """Split off the dense layers that take the drink, or drink / sqrt(n).

    Returns these layers, and the network that takes their output before its activation. If the
    vocabulary is small, or another part of the network takes the drink too, returns None and the
    whole network.
    """
    if network.input_shape[-1] < MIN_COLUMNS:
        return None, network
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    scaled = [layer for layer in dense if _takes(unit_drinks, layer, network)]
    straight = [layer for layer in dense if _takes(lambda drinks: drinks, layer, network)]
    layers = scaled + sorted(straight, key=_is_sparse)
    if not layers:
        return None, network
    try:
        rest = keras.Model([layer.output for layer in layers], network.output)
    except ValueError:  # the output does not depend on these layers alone
        return None, network
    ends = np.cumsum([layer.units for layer in layers]).tolist()
    sums = keras.Input((ends[-1],), name="sums")
    parts = keras.ops.split(sums, ends[:-1], axis=1) if len(layers) > 1 else [sums]
    outputs = [layer.activation(part) for layer, part in zip(layers, parts, strict=True)]
    kernels = [np.asarray(layer.kernel) for layer in layers]
    biases = [
        np.zeros(layer.units) if layer.bias is None else np.asarray(layer.bias) for layer in layers
    ]
    first = FirstLayer(
        np.concatenate(kernels, axis=1).astype(np.float16),
        np.concatenate(biases).astype(np.float16),
        sum(layer.units for layer in scaled),
        sum(layer.units for layer in layers if layer in scaled or not _is_sparse(layer)),
    )
    return first, keras.Model(sums, rest(outputs), name=network.name)


def litert_file(network: Any, folder: Path) -> bytes:
    """Return the network as a .tflite file.

    Of a small vocabulary, the weights are in float16, and LiteRT computes in float32. Of a large
    one, it multiplies 8-bit integers: the weights of each column have a scale, and LiteRT finds
    one for each row of the other factor ("dynamic range").
    """
    path = folder / "model.tflite"
    large = network.output_shape[-1] >= MANY_COLUMNS
    network.export(
        path,
        format="litert",
        verbose=False,
        optimizations=[tf.lite.Optimize.DEFAULT],
        target_spec={} if large else {"supported_types": [tf.float16]},
    )
    return path.read_bytes()


def _rounded(weight: NDArray[Any]) -> NDArray[Any]:
    if weight.dtype.kind != "f":
        return weight
    with np.errstate(over="ignore"):
        half = weight.astype(np.float16)
    if np.isinf(half).any():
        raise ExportFailed(
            "A weight of the network is beyond 65,504, the largest float16 number; "
            "train with a smaller learning rate or with weight decay."
        )
    return half.astype(weight.dtype)


def unit_drinks(drinks: Floats) -> Floats:
    """Divide each drink of n ingredients by sqrt(max(n, 1))."""
    unit: Floats = drinks / np.sqrt(np.maximum(drinks.sum(axis=1, keepdims=True), 1))
    return unit


def _is_sparse(layer: Any) -> bool:
    """Whether each row of the layer's kernel consists mostly of zeros."""
    kernel = np.asarray(layer.kernel)
    return bool(np.count_nonzero(kernel, axis=1).max() <= SPARSE * kernel.shape[1])


def _takes(prepare: Callable[[Floats], Floats], layer: Any, network: Any) -> bool:
    """Whether the layer's input is the drink prepared in this way."""
    columns = network.input_shape[-1]
    if layer.input.shape[1:] != (columns,):
        return False
    shares = np.linspace(0, 1, 16)[:, None]  # from the empty drink to one of all ingredients
    drinks = (np.random.default_rng(0).random((16, columns)) < shares).astype(np.float32)
    found = keras.Model(network.input, layer.input)(drinks, training=False)
    return np.allclose(found, prepare(drinks), rtol=1e-5, atol=1e-6)
