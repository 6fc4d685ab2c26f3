"""The names and categories of the recipes, from files of any form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from training.dataset import build_dataset
from training.recipes.labels import NO_LABEL, Label
from training.recipes.reading import read_recipes

if TYPE_CHECKING:
    from pathlib import Path


def labels(path: Path, columns: str | None = None) -> list[Label]:
    return [recipe.label for recipe in read_recipes(path, columns).recipes]


def test_an_object_has_a_name_a_russian_name_and_a_category(tmp_path: Path) -> None:
    path = tmp_path / "drinks.jsonl"
    path.write_text(
        '{"name": "Latte", "ru": "Латте", "category": "coffee", "ingredients": ["a", "b"]}\n'
        '{"ingredients": ["a", "c"]}\n{"name": null, "category": 7, "ingredients": ["b"]}\n',
        encoding="utf-8",
    )
    assert labels(path) == [Label("Latte", "Латте", "coffee"), NO_LABEL, NO_LABEL]


@pytest.mark.parametrize(
    "header",
    [
        "Name,Category,Ingredient 1,Ingredient 2",
        "drink,strCategory,strIngredient1,strIngredient2",
        "Название,Категория,Ингредиент 1,Ингредиент 2",
    ],
)
def test_a_header_names_the_columns(tmp_path: Path, header: str) -> None:
    path = tmp_path / "drinks.csv"
    path.write_text(f"{header}\n Iced  Latte ,coffee,milk,ice\n", encoding="utf-8")
    assert labels(path) == [Label("Iced Latte", "", "coffee")]


def test_a_column_of_ingredients_is_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "drinks.csv"
    path.write_text("name,mixer,category\ngin,tonic,long\n")
    assert labels(path, "name,mixer") == [Label("", "", "long")]


def test_the_first_column_that_is_left_out_has_the_names(tmp_path: Path) -> None:
    path = tmp_path / "drinks.csv"
    path.write_text("".join(f"Drink {row};milk;ice\n" for row in range(30)))
    assert [label.name for label in labels(path)][:2] == ["Drink 0", "Drink 1"]


def test_a_file_of_ingredients_has_no_labels(tmp_path: Path) -> None:
    path = tmp_path / "drinks.csv"
    path.write_text("milk;ice\ntea;ice\n")
    assert labels(path) == [NO_LABEL, NO_LABEL]


@pytest.mark.parametrize("name", ["x" * 101, "a\\u0007b", "\\ud800"])
def test_what_no_page_can_show_is_no_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "drinks.jsonl"
    path.write_text(f'{{"name": "{name}", "ingredients": ["a", "b"]}}\n')
    assert labels(path) == [NO_LABEL]


def test_a_data_set_keeps_the_labels_of_the_recipes_that_are_left(tmp_path: Path) -> None:
    """A rare ingredient and its recipe are dropped, and equal recipes remain until `distinct`."""
    path = tmp_path / "drinks.jsonl"
    names = {"A": ["a", "b"], "B": ["c"], "C": ["b", "a"], "D": ["a"]}
    path.write_text(
        "".join(
            f'{{"name": "{name}", "ingredients": {row}}}\n'.replace("'", '"')
            for name, row in names.items()
        )
    )
    dataset = build_dataset(read_recipes(path).recipes, min_count=2)
    assert [label.name for label in dataset.labels] == ["A", "C", "D"]
    assert [label.name for label in dataset.distinct().labels] == ["A", "D"]
