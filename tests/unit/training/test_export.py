"""Artifacts are written whole or not at all."""

from __future__ import annotations

import errno
import io
import json
from pathlib import Path

import numpy as np
import pytest

from training.errors import ExportFailed
from training.export import check_target, mask_file, recipes_file, vocabulary_file, write_artifacts
from training.sets import Sets
from training.vocabulary import Ingredient

FILES = {"model.tflite": b"weights", "base.txt": b"milk\n", "vocabulary.json": b"{}"}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def test_the_card_names_the_model_by_its_files(tmp_path: Path) -> None:
    """The version follows from the weights and the vocabulary, and from neither mask nor card."""
    first = write_artifacts(tmp_path / "a", FILES, {"seconds": 1})
    edited = write_artifacts(tmp_path / "b", FILES | {"base.txt": b"tea\n"}, {"seconds": 2})
    other = write_artifacts(tmp_path / "c", FILES | {"model.tflite": b"others"}, {})
    assert first == edited != other
    card = json.loads((tmp_path / "a" / "card.json").read_text())
    assert card["version"] == first
    assert sorted(card["files"]) == ["model.tflite", "vocabulary.json"]


def test_a_new_model_takes_the_place_of_the_old(tmp_path: Path) -> None:
    """Nothing of the old folder is left, and nothing beside the new one."""
    folder = tmp_path / "artifacts"
    write_artifacts(folder, FILES | {"old.txt": b""}, {})
    write_artifacts(folder, FILES, {})
    assert sorted(snapshot(tmp_path)) == sorted(f"artifacts/{n}" for n in [*FILES, "card.json"])


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["write_bytes", "rename"])
def test_a_failure_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, step: str
) -> None:
    """A full disk or Ctrl-C, at the last file or between the renames, leaves what stood."""
    folder = tmp_path / "artifacts"
    write_artifacts(folder, FILES, {})
    before = snapshot(tmp_path)
    works = getattr(Path, step)

    def fail(path: Path, given: bytes | Path) -> object:
        if path.name == "card.json" or path.name.endswith(".new"):
            raise failure
        return works(path, given)

    monkeypatch.setattr(Path, step, fail)
    with pytest.raises((ExportFailed, KeyboardInterrupt)):
        write_artifacts(folder, FILES | {"model.tflite": b"new"}, {})
    assert snapshot(tmp_path) == before


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    """Only an empty folder or one with a model card may be replaced."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ExportFailed, match="something else"):
        check_target(tmp_path)
    with pytest.raises(ExportFailed):
        check_target(tmp_path / "thesis.txt")
    check_target(tmp_path / "fresh")


def test_files_hold_what_the_service_reads() -> None:
    """The vocabulary keeps its order, a mask is sorted, and equal recipes are kept once."""
    entries = [Ingredient("tea", "tea", "чай", "base", ("chai",)), Ingredient("mint", "mint")]
    written = json.loads(vocabulary_file(entries))["ingredients"]
    assert written[0] == {"id": "tea", "en": "tea", "ru": "чай", "aliases": ["chai"]}
    assert mask_file("base", ["tea", "mint"]).decode().splitlines()[1:] == ["mint", "tea"]
    with np.load(io.BytesIO(recipes_file(Sets.of([[0, 1], [1, 0], [1]], 2)))) as recipes:
        assert recipes["indptr"].tolist() == [0, 2, 3]
        assert recipes["indices"].tolist() == [0, 1, 1]
