"""Artifacts are written completely or not at all."""

from __future__ import annotations

import errno
import io
import json
from pathlib import Path

import numpy as np
import pytest

from suggester.looks import Look
from training.errors import ExportFailed
from training.export import check_target, mask_file, recipes_file, vocabulary_file, write_artifacts
from training.ingredients import Ingredient
from training.recipe_matrix import RecipeMatrix

FILES = {"model.tflite": b"weights", "base.txt": b"milk\n", "vocabulary.json": b"{}"}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def test_the_version_depends_on_the_files(tmp_path: Path) -> None:
    """Another network gives another version; another mask or card does not."""
    first = write_artifacts(tmp_path / "a", FILES, {"seconds": 1})
    edited = write_artifacts(tmp_path / "b", FILES | {"base.txt": b"tea\n"}, {"seconds": 2})
    other = write_artifacts(tmp_path / "c", FILES | {"model.tflite": b"others"}, {})
    assert first == edited != other


def test_the_card_lists_the_version_and_the_digests(tmp_path: Path) -> None:
    """The card contains the version and a digest of every file except the masks."""
    version = write_artifacts(tmp_path / "a", FILES, {})
    card = json.loads((tmp_path / "a" / "card.json").read_text())
    assert card["version"] == version
    assert sorted(card["files"]) == ["model.tflite", "vocabulary.json"]


def test_a_new_model_replaces_the_old_one(tmp_path: Path) -> None:
    """No old file stays in the folder, and no temporary folder next to it."""
    folder = tmp_path / "artifacts"
    write_artifacts(folder, FILES | {"old.txt": b""}, {})
    write_artifacts(folder, FILES, {})
    assert sorted(snapshot(tmp_path)) == sorted(f"artifacts/{n}" for n in [*FILES, "card.json"])


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["write_bytes", "rename"])
def test_a_failure_leaves_the_old_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, step: str
) -> None:
    """A full disk or Ctrl-C, at the last file or between the renames, changes nothing."""
    folder = tmp_path / "artifacts"
    write_artifacts(folder, FILES, {})
    before = snapshot(tmp_path)
    original = getattr(Path, step)

    def fail(path: Path, argument: bytes | Path) -> object:
        if path.name == "card.json" or path.name.endswith(".new"):
            raise failure
        return original(path, argument)

    monkeypatch.setattr(Path, step, fail)
    with pytest.raises((ExportFailed, KeyboardInterrupt)):
        write_artifacts(folder, FILES | {"model.tflite": b"new"}, {})
    assert snapshot(tmp_path) == before


def test_a_folder_without_a_model_is_not_replaced(tmp_path: Path) -> None:
    """A file, or a folder with files but no model card, is refused."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ExportFailed, match="something other than a model"):
        check_target(tmp_path)
    with pytest.raises(ExportFailed):
        check_target(tmp_path / "thesis.txt")


def test_a_new_folder_may_be_written(tmp_path: Path) -> None:
    """A folder that does not exist, or is empty, is accepted."""
    check_target(tmp_path / "fresh")
    check_target(tmp_path)


def test_the_vocabulary_keeps_its_order() -> None:
    """The entries are in the order of the columns. One without data has no `contains` or `look`."""
    entries = [
        Ingredient("tea", "tea", "чай", "base", ("chai",), ("caffeine",)),
        Ingredient("mint", "mint", contains=(), look=Look("herb", "garnish", "#4f9a57")),
        Ingredient("rose", "rose"),
    ]
    look = {"shelf": "herb", "form": "garnish", "colour": "#4f9a57"}
    content = vocabulary_file(entries, RecipeMatrix.from_rows([[0, 1], [0], [1, 0]], 3))
    assert [dict(list(entry.items())[4:]) for entry in json.loads(content)["ingredients"]] == [
        {"contains": ["caffeine"], "drinks": 2},
        {"contains": [], "look": look, "drinks": 1},
        {"drinks": 0},
    ]
    tea, *_ = json.loads(content)["ingredients"]
    assert tea.items() >= {"id": "tea", "en": "tea", "ru": "чай"}.items()
    assert tea["aliases"] == ["chai"]


def test_a_mask_is_sorted() -> None:
    """The ids follow a comment, in alphabetical order."""
    assert mask_file("base", ["tea", "mint"]).decode().splitlines()[1:] == ["mint", "tea"]


def test_equal_recipes_are_written_once() -> None:
    """The file contains the distinct recipes as compressed sparse rows."""
    matrix = RecipeMatrix.from_rows([[0, 1], [1, 0], [1]], 2)
    with np.load(io.BytesIO(recipes_file(matrix))) as recipes:
        assert recipes["indptr"].tolist() == [0, 2, 3]
        assert recipes["indices"].tolist() == [0, 1, 1]
