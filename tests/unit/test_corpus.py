"""The rules that the corpus of drinks follows."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pymorphy3
import pytest

from suggester.alcohol import is_alcoholic
from suggester.artifacts import Artifacts
from suggester.names import normalise
from suggester.vocabulary import Vocabulary
from training.ingredients import read_ingredients

CORPUS = Path(__file__).parents[2] / "layers/model/training/corpus"
DRINKS = [
    json.loads(line) for line in (CORPUS / "drinks.jsonl").read_text(encoding="utf-8").splitlines()
]
with (CORPUS / "ingredients.tsv").open(encoding="utf-8", newline="") as table:
    INGREDIENTS = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
ROLES = {row["en"]: row["role"] for row in INGREDIENTS}
CONTAINS = {row["id"]: row["contains"].split(";") for row in INGREDIENTS}
CATEGORIES = {
    *("agua-fresca", "bubble-tea", "cocoa", "coffee", "fermented", "health-shot", "hot-spiced"),
    *("iced-tea", "juice", "lassi-and-yogurt", "lemonade", "milkshake", "mocktail", "smoothie"),
    *("soda", "tea"),
}
GROUPS = {
    *("alcohol", "caffeine", "celery", "dairy", "egg", "fish", "gelatine", "gluten", "honey"),
    *("nuts", "peanut", "sesame", "soy", "sulphites"),
}


def names_of(row: dict[str, str]) -> set[str]:
    names = (row["id"], row["en"], row["ru"], *row["aliases"].split(";"))
    return {normalise(name) for name in names if name}


PARSER = pymorphy3.MorphAnalyzer(lang="ru")
OWNERS = {name: row["id"] for row in INGREDIENTS for name in names_of(row)}


def test_there_are_enough_drinks_and_ingredients() -> None:
    """There are at least 2,200 drinks and 320 ingredients."""
    assert len(DRINKS) >= 2200
    assert len(INGREDIENTS) >= 320


def test_drinks_are_distinct() -> None:
    """No name in either language and no set of ingredients occurs twice."""
    names = Counter(drink["name"].casefold() for drink in DRINKS)
    russian = Counter(drink["ru"].casefold() for drink in DRINKS if "ru" in drink)
    sets = Counter(frozenset(drink["ingredients"]) for drink in DRINKS)
    assert [name for name, count in (names + russian).items() if count > 1] == []
    assert [sorted(found) for found, count in sets.items() if count > 1] == []


def test_every_drink_has_a_base_and_known_ingredients() -> None:
    """A drink has at least two different ingredients, all of which are in the table."""
    for drink in DRINKS:
        ingredients = drink["ingredients"]
        assert len(set(ingredients)) == len(ingredients) >= 2, drink
        assert set(ingredients) <= ROLES.keys(), drink
        assert any(ROLES[name] in ("base", "both") for name in ingredients), drink


def test_every_drink_has_a_category() -> None:
    """There are 16 categories, each with at least 40 drinks."""
    counts = Counter(drink["category"] for drink in DRINKS)
    assert counts.keys() == CATEGORIES
    assert min(counts.values()) >= 40


def test_russian_names_of_drinks_are_russian() -> None:
    """A drink that has a Russian name has it in Cyrillic letters; many have one."""
    russian = [drink["ru"] for drink in DRINKS if "ru" in drink]
    assert all(any("а" <= letter <= "я" for letter in name.casefold()) for name in russian)
    assert len(russian) > len(DRINKS) / 3


def test_no_ingredient_is_an_alcoholic_drink() -> None:
    """Otherwise, the model would not say that it has none."""
    assert [name for name in OWNERS if is_alcoholic(name)] == []


def test_every_ingredient_is_in_six_drinks() -> None:
    """A network learns little from fewer."""
    seen = Counter(name for drink in DRINKS for name in drink["ingredients"])
    assert [name for name in ROLES if seen[name] < 6] == []


def test_every_ingredient_has_two_names_and_a_role() -> None:
    """The English name is in Latin letters, the Russian name is not, and the role is valid."""
    for row in INGREDIENTS:
        assert row["en"].isascii() or "é" in row["en"], row
        assert not row["ru"].isascii(), row
        assert row["role"] in ("base", "additive", "both"), row


def test_every_ingredient_has_a_look() -> None:
    """The page draws it with this colour, and no shelf has only one ingredient."""
    looks = [entry.look for entry in read_ingredients(CORPUS / "ingredients.tsv")]
    shelves = Counter(look.shelf for look in looks if look)
    assert shelves.total() == len(INGREDIENTS)
    assert min(shelves.values()) > 1


def test_names_are_unambiguous() -> None:
    """Every id, name and alias belongs to one ingredient."""
    owners: dict[str, set[str]] = {}
    for row in INGREDIENTS:
        for name in names_of(row):
            owners.setdefault(name, set()).add(row["id"])
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize(
    ("name", "ingredient"),
    [
        ("half and half", "cream"),
        ("oj", "orange-juice"),
        ("soda water", "sparkling-water"),
        ("кипяток", "water"),
        ("tapioca", "tapioca-pearls"),
        ("айран", "ayran"),
        ("сметана", "sour-cream"),
        ("egg", "egg"),
        ("hazelnut", "hazelnut"),
        ("vanilla extract", "vanilla-extract"),
        ("greek yogurt", "greek-yogurt"),
        ("chai", "chai"),
        ("lemon zest", "lemon-zest"),
        ("coconut cream", "coconut-cream"),
    ],
)
def test_names_that_people_type_are_known(name: str, ingredient: str) -> None:
    """They are names or aliases."""
    assert OWNERS[name] == ingredient


def test_every_ingredient_has_data_on_allergens() -> None:
    """A cell lists known groups, or is "-" if the ingredient contains none of them."""
    for ingredient, groups in CONTAINS.items():
        assert groups == ["-"] or set(groups) <= GROUPS, ingredient
    assert {group for groups in CONTAINS.values() for group in groups} == {*GROUPS, "-"}


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("dairy", "milk cream yogurt butter whipped-cream vanilla-ice-cream white-chocolate"),
        ("egg", "egg egg-white egg-yolk"),
        ("nuts", "almond almond-milk orgeat hazelnut-syrup cashew walnut pistachio pine-nut"),
        ("peanut", "peanut peanut-butter"),
        ("gluten", "barley rye-bread oats oat-milk malt-beverage chocolate-cookies"),
        ("soy", "soy-milk"),
        ("sesame", "sesame tahini"),
        ("caffeine", "coffee espresso black-tea green-tea matcha cola cocoa-powder yerba-mate"),
        ("alcohol", "vanilla-extract kombucha kvass"),
        ("gelatine", "gelatin marshmallow"),
        ("honey", "honey"),
        ("fish", "worcestershire-sauce"),
    ],
)
def test_allergens_are_listed(group: str, names: str) -> None:
    """A sample of each group, because a missing entry may harm somebody."""
    assert [name for name in names.split() if group not in CONTAINS[name]] == []


def test_the_bar_serves_no_alcohol() -> None:
    """Nothing is an alcoholic drink; the ingredients of this group contain traces."""
    spirits = (
        "rum",
        "vodka",
        "gin",
        "whisky",
        "tequila",
        "wine",
        "beer",
        "liqueur",
        "ром",
        "водка",
    )
    assert [name for name in spirits if name in OWNERS] == []


def test_the_five_main_bases_exist() -> None:
    """Water, sparkling water, black tea, coffee and milk may begin a drink."""
    roles = {row["id"]: row["role"] for row in INGREDIENTS}
    for base in ("water", "sparkling-water", "black-tea", "coffee", "milk"):
        assert roles[base] in ("base", "both")


def test_the_shipped_model_has_the_groups_of_its_table() -> None:
    table = {entry.id: entry.contains for entry in read_ingredients(CORPUS / "ingredients.tsv")}
    shipped = Vocabulary.load(Artifacts.open()).ingredients
    assert {entry.id: entry.contains for entry in shipped} == table


def with_dots(name: str) -> str:
    """Return a Russian name with the letter ё wherever no word has it only in another reading."""
    return re.sub("[А-Яа-яЁё]+", _dotted, name)


def _dotted(found: re.Match[str]) -> str:
    word = found[0]
    readings = {reading.word for reading in PARSER.parse(word.lower())}
    if len(readings) > 1 or "ё" in word:
        return word
    dots = {at for at, letter in enumerate(readings.pop()) if letter == "ё"}
    return "".join("ё" if at in dots else letter for at, letter in enumerate(word))


def test_russian_names_have_the_letter_yo() -> None:
    """People read these names."""
    names = [row["ru"] for row in INGREDIENTS] + [drink.get("ru", "") for drink in DRINKS]
    assert [name for name in names if name.casefold() != with_dots(name).casefold()] == []


def test_every_name_with_the_letter_yo_is_known_without_it() -> None:
    """Many people do not type it, and recipes lack it."""
    wrong = [name for name in OWNERS if OWNERS.get(name.replace("ё", "е")) != OWNERS[name]]
    assert wrong == []


def test_every_name_is_known_with_the_letter_yo() -> None:
    wrong = [name for name in OWNERS if OWNERS.get(with_dots(name)) != OWNERS[name]]
    assert wrong == []
