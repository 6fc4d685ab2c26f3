"""The masks: which ingredients may begin a drink, and which may be added to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary
from training.dataset import Dataset, DatasetFiles
from training.errors import DataInvalid, DataTooSmall
from training.ingredients import Ingredient
from training.recipe_matrix import RecipeMatrix
from training.recipes.labels import NO_LABEL
from training.roles import Roles, build_masks

if TYPE_CHECKING:
    from pathlib import Path

KVASS = Ingredient("kvass", "kvass", "квас", "base")
MILK = Ingredient("milk", "milk", "молоко", "base", ("cow's milk",))
MINT = Ingredient("mint", "mint", "мята", "additive")
TEA = Ingredient("tea", "tea", "чай", "both")
TABLE = [KVASS, MILK, MINT, TEA]


def dataset(*recipes: list[int], table: list[Ingredient] = TABLE) -> Dataset:
    return Dataset(RecipeMatrix.from_rows(recipes, len(table)), table, [NO_LABEL] * len(recipes))


def test_masks_follow_the_roles() -> None:
    """An ingredient with both roles is in both masks."""
    masks = build_masks(dataset([0, 2], [1, 2], [2, 3]), None, None)
    assert masks == {"base": ["kvass", "milk", "tea"], "additive": ["mint", "tea"]}


def test_a_base_that_a_recipe_adds_to_another_base_may_be_added() -> None:
    """Milk with tea is a recipe, so milk is in both masks; kvass only begins a drink."""
    masks = build_masks(dataset([0, 2], [1, 3], [2, 3]), None, None)
    assert masks == {"base": ["kvass", "milk", "tea"], "additive": ["milk", "mint", "tea"]}


def test_without_a_table_every_ingredient_has_both_roles() -> None:
    """A set of names does not show which of them begins the drink."""
    names = [Ingredient("a", "a"), Ingredient("b", "b")]
    roles = Roles.of(RecipeMatrix.from_rows([[0, 1]], 2), names)
    assert roles.base.tolist() == roles.additive.tolist() == [True, True]


def test_the_corpus_adds_bases_to_drinks() -> None:
    """At most one base in ten can only begin a drink, and no other ingredient can begin one."""
    corpus = DatasetFiles().read(1)
    roles = Roles.of(corpus.recipes, corpus.ingredients)
    assert np.sum(~roles.additive) <= np.sum(roles.base) / 10
    assert not any(
        begins and entry.role == "additive"
        for begins, entry in zip(roles.base, corpus.ingredients, strict=True)
    )


@pytest.mark.parametrize(
    ("drink", "missing"),
    [
        (["espresso"], "milk"),
        (["black-tea"], "milk"),
        (["mint", "lime", "sugar"], "sparkling-water"),
        (["chocolate-syrup", "milk"], "sparkling-water"),
    ],
)
def test_the_service_may_complete_well_known_drinks(drink: list[str], missing: str) -> None:
    """A latte, a tea with milk, a lemonade and an egg cream."""
    assert missing in Vocabulary.load(Artifacts.open()).candidates(drink)


def test_a_role_without_ingredients_is_refused() -> None:
    """An empty mask is an error before the training starts."""
    with pytest.raises(DataTooSmall, match="base"):
        build_masks(dataset([0], table=[MINT]), None, None)


def test_a_list_overrides_the_roles(tmp_path: Path) -> None:
    """A list may use any name of an ingredient, and comments."""
    path = tmp_path / "base.txt"
    path.write_text("# first ingredients\nчай  # hot\nMint\n\n")
    masks = build_masks(dataset([1, 2, 3]), path, None)
    assert masks == {"base": ["mint", "tea"], "additive": ["milk", "mint", "tea"]}


def test_an_unknown_name_in_a_list_is_refused(tmp_path: Path) -> None:
    """The error names the line, the name and the most similar name."""
    path = tmp_path / "base.txt"
    path.write_text("tea\nmilkk\n")
    with pytest.raises(DataInvalid, match=r"line 2: 'milkk'.*milk"):
        build_masks(dataset([1, 3]), path, None)


def test_all_unknown_names_in_a_list_are_listed_at_once(tmp_path: Path) -> None:
    """A list of a role is checked completely."""
    path = tmp_path / "base.txt"
    path.write_text("tea\nmilkk\nmnit\n")
    with pytest.raises(DataInvalid, match=r"(?s)line 2: 'milkk'.*line 3: 'mnit'"):
        build_masks(dataset([1, 2, 3]), path, None)
