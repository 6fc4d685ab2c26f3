"""The drinks of `make demo`, and the table of its results."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from infra.local.demo import print_results
from infra.local.half_built import CORPUS, HalfBuilt, from_recipes, random_drinks
from suggester.artifacts import Artifacts
from suggester.vocabulary import Ingredient, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(Artifacts.open())


def tiny_vocabulary() -> Vocabulary:
    """Return a base with an alias, and two additives."""
    return Vocabulary(
        Ingredient(id=name, en=name, ru="", aliases=aliases, base=base, additive=not base)
        for name, aliases, base in (
            ("milk", ("leche",), True),
            ("sugar", (), False),
            ("mint", (), False),
        )
    )


def corpus(folder: Path, *recipes: list[str]) -> Path:
    path = folder / "drinks.jsonl"
    lines = [json.dumps({"name": "x", "ingredients": recipe}) for recipe in recipes]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def printed(drinks: list[HalfBuilt], results: list[dict[str, Any]]) -> str:
    output = StringIO()
    print_results(Console(file=output, width=200), drinks, results)
    return output.getvalue()


def result(*suggested: str, status: str = "SUCCESS") -> dict[str, Any]:
    suggestions = [{"ingredient": name, "probability": 0.5} for name in suggested]
    return {"status": status, "suggestions": suggestions}


def test_each_drink_is_a_recipe_of_the_corpus_without_one_additive(vocabulary: Vocabulary) -> None:
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    recipes = [
        {entry.en for name in json.loads(line)["ingredients"] if (entry := vocabulary.find(name))}
        for line in lines
    ]
    for drink in from_recipes(vocabulary, 100):
        assert drink.hidden is not None
        assert drink.hidden not in drink.ingredients
        assert {*drink.ingredients, drink.hidden} in recipes
        hidden = vocabulary.find(drink.hidden)
        assert hidden is not None
        assert hidden.additive


def test_every_run_has_the_same_drinks(vocabulary: Vocabulary) -> None:
    assert from_recipes(vocabulary, 100) == from_recipes(vocabulary, 100)
    assert random_drinks(vocabulary, 100) == random_drinks(vocabulary, 100)


def test_a_recipe_with_an_unknown_name_is_skipped(tmp_path: Path) -> None:
    path = corpus(tmp_path, ["milk", "unknown", "sugar"], ["leche", "mint"])
    assert from_recipes(tiny_vocabulary(), 1, path) == [HalfBuilt(["milk"], "mint")]


@pytest.mark.parametrize("recipe", [["sugar"], ["milk", "leche"]])
def test_a_recipe_that_would_be_empty_is_skipped(tmp_path: Path, recipe: list[str]) -> None:
    """Two names of the same ingredient count once."""
    assert from_recipes(tiny_vocabulary(), 1, corpus(tmp_path, recipe)) == []


def test_too_few_known_recipes_give_no_drinks(tmp_path: Path) -> None:
    path = corpus(tmp_path, ["milk", "sugar"], ["unknown", "sugar"])
    assert from_recipes(tiny_vocabulary(), 2, path) == []


def test_random_drinks_need_neither_bases_nor_additives() -> None:
    """Another model may have few of them."""
    assert random_drinks(Vocabulary([]), 2) == [HalfBuilt([]), HalfBuilt([])]
    drinks = random_drinks(tiny_vocabulary(), 20)
    assert {drink.ingredients[0] for drink in drinks} == {"milk"}
    assert max(len(drink.ingredients) for drink in drinks) == 3


def test_the_table_shows_where_the_ingredient_of_the_recipe_is_suggested() -> None:
    drinks = [HalfBuilt(["milk"], "mint")] * 4
    text = printed(
        drinks,
        [
            result("mint", "ice"),
            result("ice", "a", "b", "c", "mint"),
            result("ice", "a", "b", "c", "d", "mint"),
            result(status="FAIL"),
        ],
    )
    ends = [line.split("│")[-2].strip() for line in text.splitlines() if "milk" in line]
    assert ends == ["first", "in the top 5", "no", ""]
    assert "FAIL" in text
    assert "first for 1 of 3 drinks, and in the top 5 for 2." in text


def test_random_drinks_are_compared_with_no_recipe() -> None:
    text = printed([HalfBuilt(["milk"])], [result("mint")])
    assert "mint" in text
    assert "ingredient of the recipe" not in text
