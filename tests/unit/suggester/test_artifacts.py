"""Loading a model with missing, damaged or inconsistent files fails and names the file."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from suggester.artifacts import DEFAULT, Artifacts
from suggester.engines import ENGINES
from suggester.errors import ArtifactInvalid, EngineUnavailable
from suggester.looks import Look
from suggester.requests import Request
from suggester.suggester import Suggester
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

OPTIONAL = ("drinks.json", "categories.npz", "embedding.npz")
HASHED = ("vocabulary.json", "model.tflite", "recipes.npz", *OPTIONAL)
FILES = (*HASHED, "card.json", "base.txt", "additive.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped model."""
    return shutil.copytree(DEFAULT, tmp_path / "artifacts")


def load(folder: Path, engine: str = "litert") -> Suggester:
    return Suggester.load(Artifacts.open(folder), engine)


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Replace a file and its digest in the card."""
    (folder / name).write_bytes(content)
    card = json.loads((folder / "card.json").read_text())
    card["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / "card.json").write_text(json.dumps(card))


def test_the_shipped_model_loads() -> None:
    """The loaded model has the version of the shipped card."""
    assert load(DEFAULT).version == Artifacts.open().version


def test_a_litert_worker_loads_at_most_4_mb() -> None:
    """Only TensorFlow needs the other file of the shipped model."""
    loaded = [path for path in DEFAULT.iterdir() if path.name != "model.keras"]
    assert sum(path.stat().st_size for path in loaded) <= 4_000_000


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """Every file is required, and the error names the missing one."""
    (folder / name).unlink()
    with pytest.raises(ArtifactInvalid, match=rf"{name}.*make train"):
        load(folder)


@pytest.mark.parametrize("name", HASHED)
def test_a_truncated_file_is_named(folder: Path, name: str) -> None:
    """The digest of a truncated file differs from the digest in the card."""
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtifactInvalid, match=rf"{name} is damaged"):
        load(folder)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_that_is_not_a_network_is_refused(folder: Path, engine: str) -> None:
    """The engine rejects other bytes, even if their digest is correct."""
    name = {"litert": "model.tflite", "tensorflow": "model.keras"}[engine]
    rewrite(folder, name, b"not a network" * 100)
    with pytest.raises(ArtifactInvalid, match=rf"{name} is not a network"):
        load(folder, engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_vocabulary_of_another_size_is_refused(folder: Path, engine: str) -> None:
    """The vocabulary must have one ingredient for each column of the network."""
    vocabulary = json.loads((folder / "vocabulary.json").read_text())
    size = len(vocabulary["ingredients"])
    dropped = vocabulary["ingredients"].pop()["id"]
    rewrite(folder, "vocabulary.json", json.dumps(vocabulary).encode())
    for name in ("base.txt", "additive.txt"):
        lines = (folder / name).read_text().splitlines()
        (folder / name).write_text("\n".join(line for line in lines if line != dropped))
    with pytest.raises(ArtifactInvalid, match=f"{size} columns.* {size - 1} ingredients"):
        load(folder, engine)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"ingredients": [{"id": "milk"}]}', '{"ingredients": [7]}', "\xff"]
)
def test_a_file_that_is_not_a_vocabulary_is_refused(folder: Path, content: str) -> None:
    """A vocabulary is a list of complete entries."""
    rewrite(folder, "vocabulary.json", content.encode("latin-1"))
    with pytest.raises(ArtifactInvalid, match=r"vocabulary\.json is not a vocabulary"):
        load(folder)


@pytest.mark.parametrize(
    "contains", [None, "dairy", {"dairy": 1}, ["Dairy"], ["group:dairy"], [""]]
)
def test_a_vocabulary_with_invalid_groups_is_refused(folder: Path, contains: object) -> None:
    """An entry has a list of groups, or no data."""
    vocabulary = json.loads((folder / "vocabulary.json").read_text())
    vocabulary["ingredients"][0]["contains"] = contains
    rewrite(folder, "vocabulary.json", json.dumps(vocabulary).encode())
    with pytest.raises(ArtifactInvalid, match=r"vocabulary\.json is not a vocabulary"):
        load(folder)


@pytest.mark.parametrize(
    "entry",
    [
        {"look": None},
        {"look": {"shelf": "milk", "form": "liquid"}},
        {"look": {"shelf": "milk", "form": "gas", "colour": "#ffffff"}},
        {"look": {"shelf": "milk", "form": "liquid", "colour": 7}},
        {"drinks": "many"},
    ],
)
def test_a_vocabulary_with_an_invalid_look_is_refused(
    folder: Path, entry: dict[str, object]
) -> None:
    vocabulary = json.loads((folder / "vocabulary.json").read_text())
    vocabulary["ingredients"][0] |= entry
    rewrite(folder, "vocabulary.json", json.dumps(vocabulary).encode())
    with pytest.raises(ArtifactInvalid, match=r"vocabulary\.json is not a vocabulary"):
        load(folder)


def test_the_looks_of_a_vocabulary_are_read(folder: Path) -> None:
    """A model that was trained without such data has none."""
    ice = load(folder).vocabulary.find("ice")
    assert ice is not None
    assert ice.look == Look("water", "ice", "#d3e8f2")
    vocabulary = json.loads((folder / "vocabulary.json").read_text())
    for entry in vocabulary["ingredients"]:
        del entry["look"], entry["drinks"]
    rewrite(folder, "vocabulary.json", json.dumps(vocabulary).encode())
    ice = load(folder).vocabulary.find("ice")
    assert ice is not None
    assert (ice.look, ice.drinks) == (None, None)


def test_the_groups_of_a_vocabulary_are_read(folder: Path) -> None:
    """An ingredient without data is in every group."""
    vocabulary = json.loads((folder / "vocabulary.json").read_text())
    for entry in vocabulary["ingredients"]:
        entry["contains"] = ["dairy"] if entry["id"] == "milk" else []
        if entry["id"] == "kefir":
            del entry["contains"]
    rewrite(folder, "vocabulary.json", json.dumps(vocabulary).encode())
    assert load(folder).vocabulary.groups == {"group:dairy": {"milk", "kefir"}}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": "1"}', "not json"])
def test_an_incomplete_card_is_refused(folder: Path, content: str) -> None:
    """A card without a required field is not a model card."""
    (folder / "card.json").write_text(content)
    with pytest.raises(ArtifactInvalid, match=r"card\.json is not a model card"):
        load(folder)


def test_an_operator_can_edit_a_mask(folder: Path) -> None:
    """A mask file may contain comments and blank lines, and it alone decides the role."""
    (folder / "base.txt").write_text("# bases\n\nmilk  # from cows\n water \n")
    vocabulary = Vocabulary.load(Artifacts.open(folder))
    assert vocabulary.candidates(()) == {"milk", "water"}


def test_an_unknown_id_in_a_mask_is_refused(folder: Path) -> None:
    """The error names the file, the id and the most similar id."""
    with (folder / "base.txt").open("a") as mask:
        mask.write("mlik\n")
    with pytest.raises(ArtifactInvalid, match=r"base\.txt .*'mlik'.*did you mean milk"):
        load(folder)


def test_an_unknown_engine_is_refused(folder: Path) -> None:
    """The error names the available engines."""
    with pytest.raises(EngineUnavailable, match="'torch'; set it to one of litert, tensorflow"):
        load(folder, "torch")


def test_a_model_of_an_earlier_version_loads(folder: Path) -> None:
    """It has no file with names of drinks, and its card lists none."""
    card = json.loads((folder / "card.json").read_text())
    for name in OPTIONAL:
        (folder / name).unlink()
        del card["files"][name]
    (folder / "card.json").write_text(json.dumps(card))
    assert load(folder).answer([Request(("milk",))])
