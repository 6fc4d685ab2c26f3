"""The commands `train` and `evaluate`, end to end on a small file of drinks."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from suggester.engines.litert import LiteRtEngine
from training import evaluate, train
from training.comparison import LEARNERS
from training.console import silence_stderr
from training.recipe_matrix import RecipeMatrix

if TYPE_CHECKING:
    from pathlib import Path


# TensorFlow and Keras use features that NumPy 2 and Python 3.13 deprecate.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

HASHED = ("embedding.npz", "model.keras", "model.tflite", "recipes.npz", "vocabulary.json")


def run(module: object, *arguments: object) -> Result:
    app = typer.Typer()
    app.command()(module.main)  # type: ignore[attr-defined]
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def drinks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write drinks of a base, its two usual companions and two random ingredients."""
    generator = np.random.default_rng(0)
    lines = []
    for row in range(120):
        group = row % 4
        noise = generator.choice(["ice", "sugar", "lemon", "salt"], 2, replace=False)
        lines.append(f"base{group};friend{group};other{group};{';'.join(noise)}")
    path = tmp_path_factory.mktemp("data") / "drinks.csv"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def model(drinks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a small model once for all tests in this file."""
    folder = tmp_path_factory.mktemp("models") / "first"
    result = run(train, drinks, "--epochs", 12, "--width", 32, "--out", folder)
    assert result.exit_code == 0, result.output
    return folder


def read_card(folder: Path) -> dict[str, dict[str, object]]:
    card: dict[str, dict[str, object]] = json.loads((folder / "card.json").read_text())
    return card


def test_the_artifacts_are_complete(model: Path) -> None:
    """The folder contains every file, and the card lists the digest of each except the masks."""
    others = {"base.txt", "additive.txt", "card.json"}
    assert {path.name for path in model.iterdir()} == {*HASHED, *others}
    digests = {name: hashlib.sha256((model / name).read_bytes()).hexdigest() for name in HASHED}
    assert read_card(model)["files"] == digests


def test_the_card_describes_the_training(model: Path, drinks: Path) -> None:
    """The card describes data, settings and metrics, without the path of the data."""
    card = read_card(model)
    assert card["data"]["file"] == "drinks.csv"
    assert card["data"]["digest"] == hashlib.sha256(drinks.read_bytes()).hexdigest()[:16]
    assert (card["data"]["recipes"], card["data"]["ingredients"]) == (120, 16)
    assert card["settings"]["width"] == 32
    assert {"beta", "weight"} == card["neighbours"].keys()
    assert {"network", "mix", "best_epoch"} == card["metrics"].keys()
    assert str(drinks.parent) not in (model / "card.json").read_text()


def test_the_same_seed_gives_the_same_model(model: Path, drinks: Path, tmp_path: Path) -> None:
    """Equal seeds give equal versions, and another seed gives another version."""
    options = ("--epochs", 12, "--width", 32)
    run(train, drinks, *options, "--out", tmp_path / "again")
    run(train, drinks, *options, "--seed", 2, "--out", tmp_path / "other")
    folders = (model, tmp_path / "again", tmp_path / "other")
    versions = [read_card(folder)["version"] for folder in folders]
    assert versions[0] == versions[1] != versions[2]


def test_both_engines_agree(model: Path) -> None:
    """Keras and LiteRT give the same probabilities in batches of any size."""
    with silence_stderr():
        import keras  # noqa: PLC0415 - TensorFlow takes seconds
    network = keras.models.load_model(model / "model.keras", compile=False)
    engine = LiteRtEngine((model / "model.tflite").read_bytes())
    with np.load(io.BytesIO((model / "recipes.npz").read_bytes())) as recipes:
        known = RecipeMatrix(recipes["indptr"], recipes["indices"], 16)
    for count in (1, 7, len(known)):
        drinks = np.concatenate([np.zeros((1, 16)), known.multi_hot()])[:count].astype(np.float32)
        answers = [np.asarray(network(drinks)), engine.logits(drinks)]
        first, second = (np.exp(a) / np.exp(a).sum(axis=1, keepdims=True) for a in answers)
        np.testing.assert_allclose(first, second, atol=1e-5)


def test_a_better_model_of_the_same_data_is_kept(drinks: Path, tmp_path: Path) -> None:
    """The sentence has both figures. --replace and other data replace the model."""
    folder, shorter = tmp_path / "model", tmp_path / "shorter.csv"
    shorter.write_text("\n".join(drinks.read_text().splitlines()[:-1]))
    options = ("--epochs", 1, "--width", 8, "--out", folder)
    run(train, drinks, *options)
    card = read_card(folder)
    mrr = card["metrics"]["mix"]["mrr"]  # type: ignore[index]
    card["metrics"]["mix"]["mrr"] = 0.9876  # type: ignore[index]
    text = json.dumps(card)
    (folder / "card.json").write_text(text)
    result = run(train, drinks, *options)
    assert result.exit_code == 1
    assert f"MRR of 0.9876 on the same data, and the new one {mrr:.4f}. REPLACE=1" in result.stderr
    assert (folder / "card.json").read_text() == text
    assert run(train, shorter, *options).exit_code == 0
    (folder / "card.json").write_text(text)
    assert run(train, drinks, *options, "--replace").exit_code == 0
    assert read_card(folder)["metrics"]["mix"]["mrr"] == mrr  # type: ignore[index]
    assert run(train, drinks, *options).exit_code == 0, "an equal model replaces itself"


def test_a_malformed_file_leaves_the_old_model(model: Path, tmp_path: Path) -> None:
    """The command names the line, exits with status 1 and changes nothing."""
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"ingredients": ["a", "b"]}\n{oops\n')
    result = run(train, broken, "--out", model)
    assert result.exit_code == 1
    assert f"{broken}, line 2" in result.stderr.replace("\n", "")
    assert "Traceback" not in result.output
    assert {path.name: path.read_bytes() for path in model.iterdir()} == before


@pytest.mark.parametrize(
    ("option", "value", "smallest"),
    [("epochs", 0, 1), ("width", 0, 1), ("min-count", 0, 1), ("seed", -1, 0)],
)
def test_a_number_out_of_range_is_refused(
    drinks: Path, tmp_path: Path, option: str, value: int, smallest: int
) -> None:
    """The error names the option and the smallest value."""
    result = run(train, drinks, f"--{option}={value}", "--out", tmp_path / "model")
    said = " ".join(result.stderr.replace("│", " ").split())
    assert result.exit_code == 2
    assert f"Invalid value for '--{option}': Input should be" in said
    assert f"greater than or equal to {smallest}" in said


def test_too_little_data_is_explained(tmp_path: Path) -> None:
    """A file without a recipe of three ingredients gives an error message, not a traceback."""
    path = tmp_path / "few.csv"
    path.write_text("a;b\nb;c\n")
    result = run(train, path, "--out", tmp_path / "model")
    assert result.exit_code == 1
    assert "three ingredients" in result.stderr
    assert "Traceback" not in result.output


@pytest.fixture(scope="module")
def figures(drinks: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """Evaluate once for all tests in this file."""
    path = tmp_path_factory.mktemp("figures") / "figures.json"
    result = run(evaluate, drinks, "--folds", 1, "--json", path)
    assert result.exit_code == 0, result.output
    for title in ("As served: 120 recipes, 12 cases", "Barback's lead", "Without masks"):
        assert title in result.stdout
    found: dict[str, dict[str, float]] = json.loads(path.read_text())
    return found


def test_every_model_is_evaluated(figures: dict[str, dict[str, float]]) -> None:
    """The JSON file contains the figures of all models, without masks and as served."""
    names = [*LEARNERS, *(f"{name}_served" for name in LEARNERS)]
    assert list(figures)[: len(names)] == names
    keys = {"hit1", "hit5", "hit10", "mrr", "mean_rank", "parameters", "seconds", "lead"}
    assert all(figures[name].keys() == keys for name in LEARNERS if name != "barback")
    keys = {"hit1", "hit5", "hit10", "mrr", "forbidden", "precision", "recall", "ndcg"}
    assert figures["barback_served"].keys() == keys


def test_the_network_beats_popularity(figures: dict[str, dict[str, float]]) -> None:
    """The model has a better MRR than the popularity of ingredients."""
    assert figures["barback"]["mrr"] > figures["popularity"]["mrr"]
