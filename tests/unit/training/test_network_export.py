"""The export rounds the weights, and splits the first layer off where that is possible."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from suggester.artifacts import DEFAULT, Artifacts
from suggester.engines.litert import LiteRtEngine
from suggester.suggester import Suggester
from training.console import silence_stderr
from training.errors import ExportFailed
from training.export import network_files, write_artifacts

with silence_stderr():
    import keras

    from training.network import build_network

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# TensorFlow and Keras use features that NumPy 2 and Python 3.13 deprecate.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

COLUMNS = 24
TOLERANCE = 1e-5


def unit(drink: Any) -> Any:
    size = keras.ops.sum(drink, axis=-1, keepdims=True)
    return drink / keras.ops.sqrt(keras.ops.maximum(size, 1.0))


def project(_: Any) -> Any:
    """Return the network of the project, with random weights."""
    return build_network(np.arange(1, COLUMNS + 1), 32, dropout=0.5)


def wide(drink: Any) -> Any:
    """Return a network with a linear path next to the hidden layer."""
    hidden = keras.layers.Dense(8, activation="tanh")(unit(drink))
    linear = keras.layers.Dense(COLUMNS, use_bias=False)(unit(drink))
    both = keras.layers.Add()([keras.layers.Dense(COLUMNS)(hidden), linear])
    return keras.Model(drink, both)


def residual(drink: Any) -> Any:
    """Return a network whose output also depends on the drink itself."""
    hidden = keras.layers.Dense(8, activation="relu")(unit(drink))
    return keras.Model(drink, keras.layers.Dense(COLUMNS)(hidden) - drink)


def undivided(drink: Any) -> Any:
    """Return a network that does not divide the drink."""
    hidden = keras.layers.Dense(8, activation="relu")(drink)
    return keras.Model(drink, keras.layers.Dense(COLUMNS)(hidden))


def build(make: Callable[[Any], Any]) -> Any:
    keras.utils.clear_session()
    keras.utils.set_random_seed(3)
    return make(keras.Input((COLUMNS,)))


def drinks() -> np.ndarray:
    """Return drinks of no, few, many and all ingredients, (60, COLUMNS)."""
    shares = np.linspace(0, 1, 60)[:, None]
    return (np.random.default_rng(0).random((60, COLUMNS)) < shares).astype(np.float32)


@pytest.mark.parametrize("make", [project, wide, residual, undivided])
def test_both_files_of_any_network_agree(tmp_path: Path, make: Callable[[Any], Any]) -> None:
    """Keras and LiteRT give the same logits, whatever the network."""
    files = network_files(build(make), tmp_path)
    (tmp_path / "saved.keras").write_bytes(files["model.keras"])
    reference = keras.models.load_model(tmp_path / "saved.keras", compile=False)
    found = LiteRtEngine.of(files).logits(drinks())
    np.testing.assert_allclose(found, reference(drinks()), atol=TOLERANCE)


@pytest.mark.parametrize(
    ("make", "has_layer"), [(project, True), (wide, True), (residual, False), (undivided, False)]
)
def test_layers_of_unit_drinks_are_split_off(
    tmp_path: Path, make: Callable[[Any], Any], *, has_layer: bool
) -> None:
    """The file exists if nothing but dense layers takes the drink, divided by sqrt(n)."""
    assert ("first_layer.npz" in network_files(build(make), tmp_path)) == has_layer


@pytest.mark.parametrize("make", [project, wide])
def test_equal_networks_have_equal_files(tmp_path: Path, make: Callable[[Any], Any]) -> None:
    """The bytes depend on the network alone."""
    assert network_files(build(make), tmp_path) == network_files(build(make), tmp_path)


def test_rounding_changes_little(tmp_path: Path) -> None:
    """Weights are rounded to eleven binary digits."""
    network = build(project)
    found = LiteRtEngine.of(network_files(network, tmp_path)).logits(drinks())
    np.testing.assert_allclose(found, network(drinks()), rtol=2e-3, atol=2e-3)


def test_a_weight_that_float16_cannot_hold_is_refused(tmp_path: Path) -> None:
    """The model would return infinity."""
    network = build(project)
    network.set_weights([weight + 1e5 for weight in network.get_weights()])
    with pytest.raises(ExportFailed, match=r"65,504"):
        network_files(network, tmp_path)


def test_a_folder_without_a_first_layer_loads(tmp_path: Path) -> None:
    """Models of earlier versions have the whole network, in float32, in model.tflite."""
    names = ("vocabulary.json", "recipes.npz", "base.txt", "additive.txt")
    files = {name: (DEFAULT / name).read_bytes() for name in names}
    columns = len(json.loads(files["vocabulary.json"])["ingredients"])
    network = build_network(np.ones(columns, np.int64), 16, dropout=0.5)
    network.export(tmp_path / "model.tflite", format="litert", verbose=False)
    files["model.tflite"] = (tmp_path / "model.tflite").read_bytes()
    card = {"neighbours": {"beta": 10.0, "weight": 0.1}}
    write_artifacts(tmp_path / "model", files, card)
    ranker = Suggester.load(Artifacts.open(tmp_path / "model"), "litert")._ranker  # noqa: SLF001
    one = np.eye(columns, dtype=np.float32)[:5]
    found = ranker._engine.logits(one)  # noqa: SLF001
    np.testing.assert_allclose(found, network(one), atol=TOLERANCE)
