"""A drink, and how it combines with defaults."""

from __future__ import annotations

import pytest

from barback import Drink


def test_the_exclusions_of_a_drink_and_of_its_defaults_add_up() -> None:
    """The defaults come first, and no name is repeated."""
    drink = Drink(["milk"], exclude=["soy", "nuts"])
    combined = drink.with_defaults(Drink(exclude=["nuts", "eggs"]))
    assert combined.to_json()["exclude"] == ["nuts", "eggs", "soy"]


@pytest.mark.parametrize("exclude", [None, []])
def test_a_drink_without_exclusions_keeps_those_of_its_defaults(exclude: list[str] | None) -> None:
    combined = Drink(exclude=exclude).with_defaults(Drink(exclude=["nuts"]))
    assert combined.to_json()["exclude"] == ["nuts"]


def test_a_field_of_a_drink_replaces_its_default() -> None:
    drink = Drink(["milk"], top_k=2).with_defaults(Drink(top_k=7, kind="next", only=["ice"]))
    assert drink == Drink(["milk"], "next", top_k=2, only=["ice"])
