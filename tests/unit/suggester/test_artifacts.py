"""A model whose files are missing, damaged or mixed up stops at its loading, in a sentence."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from suggester.artifacts import DEFAULT, Artifacts
from suggester.engines import ENGINES
from suggester.errors import ArtifactInvalid, EngineUnknown
from suggester.suggester import Suggester
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("vocabulary.json", "model.tflite", "recipes.npz", "card.json", "base.txt", "additive.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped model."""
    return shutil.copytree(DEFAULT, tmp_path / "artifacts")


def load(folder: Path, engine: str = "litert") -> Suggester:
    return Suggester.load(Artifacts.open(folder), engine)


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Replace a file and its digest in the card, as if the model had been made so."""
    (folder / name).write_bytes(content)
    card = json.loads((folder / "card.json").read_text())
    card["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / "card.json").write_text(json.dumps(card))


def test_the_shipped_model_loads_and_is_small(folder: Path) -> None:
    """What ships is whole, and under 5 MB in all."""
    assert load(folder).version == Artifacts.open(folder).version
    assert sum(path.stat().st_size for path in folder.iterdir()) < 5_000_000


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """Each file is needed, and the error names the one that is not there."""
    (folder / name).unlink()
    with pytest.raises(ArtifactInvalid, match=rf"{name}.*make train"):
        load(folder)


@pytest.mark.parametrize("name", ["vocabulary.json", "model.tflite", "recipes.npz"])
def test_a_truncated_file_is_named(folder: Path, name: str) -> None:
    """A file that was cut short is not the file that the card describes."""
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtifactInvalid, match=rf"{name} is damaged"):
        load(folder)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_that_is_none_is_refused(folder: Path, engine: str) -> None:
    """Bytes that the engine cannot load are told from a network, digest or not."""
    name = {"litert": "model.tflite", "tensorflow": "model.keras"}[engine]
    rewrite(folder, name, b"not a network" * 100)
    with pytest.raises(ArtifactInvalid, match=rf"{name} is not a network"):
        load(folder, engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_vocabulary_of_another_size_is_refused(folder: Path, engine: str) -> None:
    """Names and columns must be as many."""
    vocabulary = json.loads((folder / "vocabulary.json").read_text())
    dropped = vocabulary["ingredients"].pop()["id"]
    rewrite(folder, "vocabulary.json", json.dumps(vocabulary).encode())
    for name in ("base.txt", "additive.txt"):
        lines = (folder / name).read_text().splitlines()
        (folder / name).write_text("\n".join(line for line in lines if line != dropped))
    with pytest.raises(ArtifactInvalid, match=r"238 columns .* 237 ingredients"):
        load(folder, engine)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"ingredients": [{"id": "milk"}]}', '{"ingredients": [7]}', "\xff"]
)
def test_a_vocabulary_that_is_none_is_refused(folder: Path, content: str) -> None:
    """Anything but a list of complete entries is no vocabulary."""
    rewrite(folder, "vocabulary.json", content.encode("latin-1"))
    with pytest.raises(ArtifactInvalid, match=r"vocabulary\.json is not a vocabulary"):
        load(folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": "1"}', "not json"])
def test_a_card_that_is_none_is_refused(folder: Path, content: str) -> None:
    """A card lacks nothing that is needed of it."""
    (folder / "card.json").write_text(content)
    with pytest.raises(ArtifactInvalid, match=r"card\.json is not a model card"):
        load(folder)


def test_a_mask_is_a_list_that_an_operator_edits(folder: Path) -> None:
    """A list with comments and blank lines decides the role, and nothing else does."""
    (folder / "base.txt").write_text("# bases\n\nmilk  # of cows\n water \n")
    vocabulary = Vocabulary.load(Artifacts.open(folder))
    assert vocabulary.candidates(()) == {"milk", "water"}


def test_a_name_in_a_mask_that_the_vocabulary_lacks_is_an_error(folder: Path) -> None:
    """The error names the file, the name, and what it may have meant."""
    with (folder / "base.txt").open("a") as mask:
        mask.write("mlik\n")
    with pytest.raises(ArtifactInvalid, match=r"base\.txt names 'mlik'.*did you mean milk"):
        load(folder)


def test_an_unknown_engine_is_an_error(folder: Path) -> None:
    """The error names those that there are."""
    with pytest.raises(EngineUnknown, match="'torch'; set it to one of litert, tensorflow"):
        load(folder, "torch")
