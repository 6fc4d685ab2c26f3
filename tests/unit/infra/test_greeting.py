from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from infra.local.greeting import greeting
from suggester.artifacts import Artifacts
from suggester.vocabulary import Ingredient, Vocabulary

URL = "http://127.0.0.1:8000"


def ingredient(name: str, *, base: bool = False, additive: bool = False) -> Ingredient:
    return Ingredient(id=f"id-{name}", en=name, ru="", aliases=(), base=base, additive=additive)


def printed_drink(*ingredients: Ingredient) -> list[str]:
    """Return the names that a shell would send with the printed command."""
    command = re.search(r"curl .*", greeting(URL, Vocabulary(ingredients), Path("data")))
    assert command
    query = urlsplit(shlex.split(command.group())[-1]).query
    return parse_qs(query)["ingredients_joined"][0].split(";")


def test_the_url_is_printed() -> None:
    assert greeting(URL, Vocabulary([]), Path("data")).startswith(f"Barback is ready: {URL}/\n")


def test_the_command_for_the_projects_model_is_the_one_in_the_documentation() -> None:
    text = greeting(URL, Vocabulary.load(Artifacts.open()), Path("data"))
    assert f"curl -s -X POST '{URL}/api/process?ingredients_joined=milk;strawberry'" in text


def test_another_models_command_has_a_base_and_an_additive_of_that_model() -> None:
    names = printed_drink(
        ingredient("neither"), ingredient("salt", additive=True), ingredient("broth", base=True)
    )
    assert names == ["broth", "salt"]


def test_an_ingredient_with_both_roles_is_not_named_twice() -> None:
    both = ingredient("milk", base=True, additive=True)
    assert printed_drink(both, ingredient("ice", additive=True)) == ["milk", "ice"]


def test_names_with_special_characters_survive_the_shell_and_the_url() -> None:
    names = ["grandma's & mum's $tea", "жасмин 100%"]
    base, additive = ingredient(names[0], base=True), ingredient(names[1], additive=True)
    assert printed_drink(base, additive) == names


def test_a_name_with_a_semicolon_is_not_used() -> None:
    """The API would split it."""
    assert printed_drink(ingredient("a;b", base=True), ingredient("c", base=True)) == ["c"]


def test_a_name_that_belongs_to_another_ingredient_is_not_used() -> None:
    first = Ingredient(id="x", en="x", ru="", aliases=("tea",), base=False, additive=False)
    assert printed_drink(first, ingredient("tea", base=True), ingredient("oat", base=True)) == [
        "oat"
    ]
