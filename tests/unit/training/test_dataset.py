"""The data set of a file or a folder, with and without a table of ingredients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.dataset import DatasetFiles

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "id\ten\tru\trole\taliases\nmilk\tmilk\tмолоко\tbase\t\nmint\tmint\t\tboth\tfresh mint\n"


def test_a_quantity_of_an_ingredient_in_the_table_is_removed(tmp_path: Path) -> None:
    """The table may be in the folder of the recipes; it is not read as recipes."""
    table = tmp_path / "ingredients.tsv"
    table.write_text(TABLE, encoding="utf-8")
    (tmp_path / "a.csv").write_text("200 мл молоко;5 fresh mint\nmilk;Mint, chopped\n")
    dataset = DatasetFiles(tmp_path, table).read(1)
    assert [entry.id for entry in dataset.ingredients] == ["milk", "mint"]
    assert dataset.recipes.multi_hot().tolist() == [[1, 1], [1, 1]]


def test_the_digest_of_a_folder_covers_every_file(tmp_path: Path) -> None:
    """The order of the files matters, and their names do not."""
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"milk;{name}\n")
    files = DatasetFiles(tmp_path, None)
    recipes = files.read(1).recipes
    first = files.describe(recipes, 1)
    assert first["file"] == tmp_path.name
    (tmp_path / "b.csv").rename(tmp_path / "c.csv")
    assert files.describe(recipes, 1)["digest"] == first["digest"]
    (tmp_path / "c.csv").write_text("milk;tea\n")
    assert files.describe(recipes, 1)["digest"] != first["digest"]
