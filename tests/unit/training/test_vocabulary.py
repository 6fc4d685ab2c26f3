"""Names become ingredients, and ingredients become columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from training.errors import DataInvalid, DataTooSmall
from training.masks import masks_of
from training.recipes import Recipe
from training.vocabulary import Ingredient, build_corpus, read_ingredients, resolve

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "id\ten\tru\trole\taliases\n"
MILK = Ingredient("milk", "milk", "молоко", "base", ("cow's milk",))
MINT = Ingredient("mint", "mint", "мята", "additive")
TEA = Ingredient("tea", "tea", "чай", "both")


def recipes_of(*drinks: str) -> list[Recipe]:
    return [
        Recipe(frozenset(drink.split()), f"line {number}")
        for number, drink in enumerate(drinks, start=1)
    ]


def test_ingredients_are_read(tmp_path: Path) -> None:
    """An ingredients file gives ids, names, roles and aliases; trailing cells may be left out."""
    path = tmp_path / "ingredients.tsv"
    path.write_text(HEADER + "milk\tmilk\tмолоко\tbase\tcow's milk\nmint\tmint\tмята\tadditive\n")
    assert read_ingredients(path) == [MILK, MINT]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name\trole\n", "line 1"),
        (HEADER + "milk\tmilk\t\tdrink\t\n", "line 2"),
        (HEADER + "milk\tmilk\t\tbase\t\n\t\t\tbase\t\n", "line 3"),
        (HEADER + "milk\tmilk\t\tbase\t\nkefir\tkefir\t\tbase\tMILK\n", "line 3"),
    ],
)
def test_a_broken_ingredients_file_names_the_line(tmp_path: Path, text: str, place: str) -> None:
    """A wrong header, an unknown role, a missing id and a name given twice are refused."""
    path = tmp_path / "ingredients.tsv"
    path.write_text(text)
    with pytest.raises(DataInvalid, match=place):
        read_ingredients(path)


def test_every_name_of_an_ingredient_means_its_id(tmp_path: Path) -> None:
    """English, Russian and alias are one ingredient."""
    recipes = [Recipe(frozenset({"молоко", "cow's milk", "mint"}), "line 1")]
    (resolved,) = resolve(recipes, [MILK, MINT], tmp_path)
    assert resolved.names == {"milk", "mint"}


def test_an_unknown_name_is_refused_with_its_nearest(tmp_path: Path) -> None:
    """A misspelt ingredient names its line and what was probably meant."""
    with pytest.raises(DataInvalid, match=r"line 2: 'mnit'.*mint"):
        resolve(recipes_of("milk mint", "milk mnit"), [MILK, MINT], tmp_path)


def test_rare_names_are_dropped() -> None:
    """Names in fewer than `min_count` recipes go, and so do recipes that lose all of theirs."""
    corpus = build_corpus(recipes_of("tea mint", "tea mint rose", "kefir"), min_count=2)
    assert [entry.id for entry in corpus.ingredients] == ["mint", "tea"]
    assert [corpus.recipes[row].tolist() for row in range(len(corpus.recipes))] == [[0, 1]] * 2


def test_too_few_names_are_refused() -> None:
    """A minimum count that leaves nothing is an expected error."""
    with pytest.raises(DataTooSmall):
        build_corpus(recipes_of("tea mint"), min_count=2)


def test_masks_follow_the_roles() -> None:
    """An ingredient of both roles is in both masks."""
    masks = masks_of([MILK, MINT, TEA], None, None)
    assert masks == {"base": ["milk", "tea"], "additive": ["mint", "tea"]}


def test_a_role_that_nobody_has_is_refused() -> None:
    """A mask without names could suggest nothing, which is said before training."""
    with pytest.raises(DataTooSmall, match="base"):
        masks_of([MINT], None, None)


def test_a_mask_list_takes_the_place_of_roles(tmp_path: Path) -> None:
    """A list may name ingredients by any of their names, with comments."""
    path = tmp_path / "base.txt"
    path.write_text("# to begin with\nчай  # hot\nMint\n\n")
    masks = masks_of([MILK, MINT, TEA], path, None)
    assert masks == {"base": ["mint", "tea"], "additive": ["mint", "tea"]}


def test_an_unknown_name_in_a_mask_list_is_refused(tmp_path: Path) -> None:
    """A name that the vocabulary lacks names its line and the nearest."""
    path = tmp_path / "base.txt"
    path.write_text("tea\nmilkk\n")
    with pytest.raises(DataInvalid, match=r"line 2: 'milkk'.*milk"):
        masks_of([MILK, MINT, TEA], path, None)
