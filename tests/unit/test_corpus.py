"""The rules that the corpus of drinks follows."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "layers/model/training/corpus"
DRINKS = [
    json.loads(line) for line in (CORPUS / "drinks.jsonl").read_text(encoding="utf-8").splitlines()
]
with (CORPUS / "ingredients.tsv").open(encoding="utf-8", newline="") as table:
    INGREDIENTS = list(csv.DictReader(table, delimiter="\t"))
ROLES = {row["en"]: row["role"] for row in INGREDIENTS}


def test_there_are_enough_drinks_and_ingredients() -> None:
    """There are at least 600 drinks and 150 to 250 ingredients."""
    assert len(DRINKS) >= 600
    assert 150 <= len(INGREDIENTS) <= 250


def test_drinks_are_distinct() -> None:
    """No name and no set of ingredients occurs twice."""
    names = Counter(drink["name"].casefold() for drink in DRINKS)
    sets = Counter(frozenset(drink["ingredients"]) for drink in DRINKS)
    assert [name for name, count in names.items() if count > 1] == []
    assert [sorted(found) for found, count in sets.items() if count > 1] == []


def test_every_drink_has_a_base_and_known_ingredients() -> None:
    """A drink has at least two different ingredients, all of which are in the table."""
    for drink in DRINKS:
        ingredients = drink["ingredients"]
        assert len(set(ingredients)) == len(ingredients) >= 2, drink
        assert set(ingredients) <= ROLES.keys(), drink
        assert any(ROLES[name] in ("base", "both") for name in ingredients), drink


def test_every_ingredient_is_in_two_drinks() -> None:
    """A network cannot learn an ingredient from a single drink."""
    seen = Counter(name for drink in DRINKS for name in drink["ingredients"])
    assert [name for name in ROLES if seen[name] < 2] == []


def test_every_ingredient_has_two_names_and_a_role() -> None:
    """The English name is in Latin letters, the Russian name is not, and the role is valid."""
    for row in INGREDIENTS:
        assert row["en"].isascii() or "é" in row["en"], row
        assert not row["ru"].isascii(), row
        assert row["role"] in ("base", "additive", "both"), row


def test_names_are_unambiguous() -> None:
    """Every id, name and alias belongs to one ingredient."""
    owners: dict[str, set[str]] = {}
    for row in INGREDIENTS:
        aliases = [alias for alias in row["aliases"].split(";") if alias]
        for name in (row["id"], row["en"], row["ru"], *aliases):
            owners.setdefault(name.casefold(), set()).add(row["id"])
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_the_five_main_bases_exist() -> None:
    """Water, sparkling water, black tea, coffee and milk may begin a drink."""
    roles = {row["id"]: row["role"] for row in INGREDIENTS}
    for base in ("water", "sparkling-water", "black-tea", "coffee", "milk"):
        assert roles[base] in ("base", "both")
