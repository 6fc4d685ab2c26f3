"""The export rounds the weights, and splits the first layer off where that is possible."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from suggester.artifacts import DEFAULT, Artifacts
from suggester.engines.litert import LiteRtEngine, load
from suggester.errors import ArtifactInvalid
from suggester.suggester import Suggester
from training.console import silence_stderr
from training.errors import ExportFailed
from training.export import network_files, write_artifacts

with silence_stderr():
    import keras

    from training import network_export
    from training.network import rebuild_network

from training.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from training.recipe_matrix import Floats

# TensorFlow and Keras use features that NumPy 2 and Python 3.13 deprecate.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

COLUMNS = 24
FIRST_LAYER = "first_layer.npz"
TOLERANCE = 1e-5
INTEGER_TOLERANCE = 2e-2
CARD = {"neighbours": {"beta": 10.0, "weight": 0.1}}


@pytest.fixture(autouse=True)
def no_minimum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Split the first layer off in networks of any size."""
    monkeypatch.setattr(network_export, "MIN_COLUMNS", 0)


def unit(drink: Any) -> Any:
    size = keras.ops.sum(drink, axis=-1, keepdims=True)
    return drink / keras.ops.sqrt(keras.ops.maximum(size, 1.0))


def random_weights(columns: int, width: int, *, linear: bool) -> Weights:
    generator = np.random.default_rng(3)

    def draw(*shape: int) -> Floats:
        return generator.normal(0, 0.3, shape).astype(np.float32)

    straight = draw(columns, columns) if linear else None
    return Weights(draw(columns, width), draw(width), draw(width, columns), draw(columns), straight)


def project(_: Any) -> Any:
    """Return the network of the project, with random weights."""
    return rebuild_network(random_weights(COLUMNS, 32, linear=False))


def project_linear(_: Any) -> Any:
    """Return the network of the project with a linear part, with random weights."""
    return rebuild_network(random_weights(COLUMNS, 32, linear=True))


def project_sparse(_: Any) -> Any:
    """Return the network of the project, whose linear part has few weights in each row."""
    weights = random_weights(COLUMNS, 32, linear=True)
    distances = (np.arange(COLUMNS)[:, None] - np.arange(COLUMNS)) % COLUMNS
    few = (distances > 0) & (distances <= np.arange(COLUMNS)[:, None] % 3)  # no, one or two
    assert weights.linear is not None
    return rebuild_network(weights.with_linear(weights.linear * few))


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


def softmax(logits: Floats) -> Floats:
    shares: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def build(make: Callable[[Any], Any]) -> Any:
    keras.utils.clear_session()
    keras.utils.set_random_seed(3)
    return make(keras.Input((COLUMNS,)))


def drinks() -> np.ndarray:
    """Return drinks of no, few, many and all ingredients, (60, COLUMNS)."""
    shares = np.linspace(0, 1, 60)[:, None]
    return (np.random.default_rng(0).random((60, COLUMNS)) < shares).astype(np.float32)


@pytest.mark.parametrize(
    "make", [project, project_linear, project_sparse, wide, residual, undivided]
)
def test_both_files_of_any_network_agree(tmp_path: Path, make: Callable[[Any], Any]) -> None:
    """Keras and LiteRT give the same logits, whatever the network."""
    files = network_files(build(make), tmp_path)
    (tmp_path / "saved.keras").write_bytes(files["model.keras"])
    reference = keras.models.load_model(tmp_path / "saved.keras", compile=False)
    found = LiteRtEngine.of(files).logits(drinks())
    np.testing.assert_allclose(found, reference(drinks()), atol=TOLERANCE)


@pytest.mark.parametrize(
    ("make", "has_layer"),
    [(project, True), (project_sparse, True), (wide, True), (undivided, True), (residual, False)],
)
def test_layers_of_drinks_are_split_off(
    tmp_path: Path, make: Callable[[Any], Any], *, has_layer: bool
) -> None:
    """The file exists if nothing but dense layers takes the drink."""
    assert ("first_layer.npz" in network_files(build(make), tmp_path)) == has_layer


def test_a_sparse_layer_is_stored_as_the_weights_of_its_rows(tmp_path: Path) -> None:
    """Only the dense layers are a matrix."""
    with np.load(io.BytesIO(network_files(build(project_sparse), tmp_path)[FIRST_LAYER])) as arrays:
        shapes = {name: arrays[name].shape for name in ("kernel", "columns", "weights")}
    assert shapes == {"kernel": (COLUMNS, 32), "columns": (COLUMNS, 2), "weights": (COLUMNS, 2)}


@pytest.mark.parametrize("make", [project, project_sparse, wide])
def test_equal_networks_have_equal_files(tmp_path: Path, make: Callable[[Any], Any]) -> None:
    """The bytes depend on the network alone."""
    assert network_files(build(make), tmp_path) == network_files(build(make), tmp_path)


def test_a_small_network_is_not_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A matrix product is faster there."""
    monkeypatch.setattr(network_export, "MIN_COLUMNS", COLUMNS + 1)
    assert "first_layer.npz" not in network_files(build(project), tmp_path)


@pytest.fixture
def integers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Return the files of a network with the 8-bit integers of a large vocabulary."""
    monkeypatch.setattr(network_export, "MANY_COLUMNS", 0)
    return network_files(rebuild_network(random_weights(COLUMNS, 512, linear=True)), tmp_path)


def test_a_large_vocabulary_has_weights_of_one_byte(integers: dict[str, bytes]) -> None:
    """They take less time and half the space."""
    weights = 512 * (COLUMNS + 8)  # the layer is padded to a multiple of sixteen columns
    assert weights < len(integers["model.tflite"]) < 1.5 * weights


def test_the_engines_agree_on_a_large_vocabulary(
    tmp_path: Path, integers: dict[str, bytes]
) -> None:
    """With 8-bit integers, probabilities differ by at most 0.02."""
    (tmp_path / "saved.keras").write_bytes(integers["model.keras"])
    reference = keras.models.load_model(tmp_path / "saved.keras", compile=False)
    served, expected = LiteRtEngine.of(integers).logits(drinks()), np.asarray(reference(drinks()))
    assert 0 < np.abs(softmax(served) - softmax(expected)).max() < INTEGER_TOLERANCE


def test_a_row_of_a_large_vocabulary_does_not_depend_on_its_batch(
    integers: dict[str, bytes],
) -> None:
    """Each row has a scale of its own, so batches of any size agree to 1e-5."""
    engine, rows = LiteRtEngine.of(integers), drinks()
    alone = np.concatenate([engine.logits(row[None]) for row in rows])
    for size in (7, 33, len(rows)):
        parts = [engine.logits(rows[at : at + size]) for at in range(0, len(rows), size)]
        np.testing.assert_allclose(np.concatenate(parts), alone, atol=TOLERANCE)


@pytest.mark.parametrize(("columns", "units"), [(24, 32), (32, 32), (1_001, 1_001)])
def test_a_narrow_output_layer_is_padded(columns: int, units: int) -> None:
    """LiteRT takes up to twice as long for a number of columns that sixteen does not divide."""
    network = rebuild_network(random_weights(columns, 4, linear=False))
    assert network.get_layer("logits").units == units
    assert network.output_shape == (None, columns)


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
    network = rebuild_network(random_weights(columns, 16, linear=True))
    network.export(tmp_path / "model.tflite", format="litert", verbose=False)
    files["model.tflite"] = (tmp_path / "model.tflite").read_bytes()
    write_artifacts(tmp_path / "model", files, CARD)
    ranker = Suggester.load(Artifacts.open(tmp_path / "model"), "litert")._ranker  # noqa: SLF001
    one = np.eye(columns, dtype=np.float32)[:5]
    found = ranker._engine.logits(one)  # noqa: SLF001
    np.testing.assert_allclose(found, network(one), atol=TOLERANCE)


def model_with(folder: Path, first_layer: bytes) -> Artifacts:
    """Write a model with these bytes instead of its first layer."""
    files = network_files(build(project), folder) | {"first_layer.npz": first_layer}
    write_artifacts(folder / "model", files, CARD)
    return Artifacts.open(folder / "model")


def archive(**changes: np.ndarray | None) -> bytes:
    """Return a first layer of eight columns, two of them sparse, with these changes."""
    arrays: dict[str, Any] = {
        "kernel": np.zeros((COLUMNS, 6)),
        "columns": np.ones((COLUMNS, 3), np.uint8),
        "weights": np.zeros((COLUMNS, 3)),
        "bias": np.zeros(8),
        "scaled": np.int64(6),
    } | changes
    stream = io.BytesIO()
    present = {name: array for name, array in arrays.items() if array is not None}
    np.savez(stream, allow_pickle=False, **present)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"not a layer",
        b"PK\x05\x06 not a layer",
        archive(kernel=None),
        archive(columns=None),
        archive(bias=np.zeros(7)),
        archive(kernel=np.zeros(COLUMNS)),
        archive(columns=np.full((COLUMNS, 3), 2)),
        archive(weights=np.zeros((COLUMNS, 2))),
        archive(kernel=np.zeros((COLUMNS + 1, 6))),
    ],
)
def test_a_file_that_is_not_a_first_layer_is_refused(tmp_path: Path, content: bytes) -> None:
    """The engine rejects other bytes, and arrays that are not a layer."""
    artifacts = model_with(tmp_path, content)
    with pytest.raises(ArtifactInvalid, match=r"first_layer\.npz is not the first layer"):
        load(artifacts)


def test_a_first_layer_of_another_width_is_refused(tmp_path: Path) -> None:
    """The first layer must have one column for each input of the network."""
    artifacts = model_with(tmp_path, archive())
    with pytest.raises(ArtifactInvalid, match=r"model\.tflite is not a network"):
        load(artifacts)


def test_a_damaged_first_layer_is_named(tmp_path: Path) -> None:
    """The digest of a truncated file differs from the digest in the card."""
    artifacts = model_with(tmp_path, archive())
    path = artifacts.folder / "first_layer.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ArtifactInvalid, match=r"first_layer\.npz is damaged"):
        load(artifacts)


def test_a_missing_first_layer_is_named(tmp_path: Path) -> None:
    """A file that the card lists is required."""
    artifacts = model_with(tmp_path, b"")
    (artifacts.folder / "first_layer.npz").unlink()
    with pytest.raises(ArtifactInvalid, match=r"first_layer\.npz cannot be read"):
        load(artifacts)
