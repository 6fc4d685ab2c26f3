"""Names of alcoholic drinks, which a model without alcohol refuses with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from suggester.alcohol import is_alcoholic
from suggester.drinks import describe_unknown
from suggester.vocabulary import ALCOHOL, Ingredient, Vocabulary
from tests.fakes import SMALL_VOCABULARY

TRACES: Final = Vocabulary(
    [
        replace(SMALL_VOCABULARY.ingredients[0], contains=("alcohol",)),
        *SMALL_VOCABULARY.ingredients[1:],
    ]
)
LIGHT_RUM: Final = Ingredient("light-rum", "light rum", "", (), base=True, additive=True)
WITH_ALCOHOL: Final = Vocabulary([LIGHT_RUM, *SMALL_VOCABULARY.ingredients])


@pytest.mark.parametrize(
    "name",
    [
        *("rum", " White  RUM ", "dry gin", "triple sec", "Kahl\u00faa", "kahlu\u0301a"),
        *("coffee liqueur", "red wine", "ром", "Белый ром", "кофейный ликёр", "настойка"),
    ],
)
def test_a_drink_is_recognised_by_its_last_word(name: str) -> None:
    """Case, spaces, accents and invisible letters do not matter."""
    assert is_alcoholic(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "\u200b", "milk", "rum extract", "wine vinegar", "ginger beer", "root beer"),
        *("alcohol-free wine", "non-alcoholic beer", "Virgin Gin", "имбирное пиво"),
        *("безалкогольное пиво", "сироп амаретто", "ромашка", "виноград"),
    ],
)
def test_other_names_are_not_those_of_an_alcoholic_drink(name: str) -> None:
    assert not is_alcoholic(name)


def describe(name: str, vocabulary: Vocabulary, *, groups: bool = False) -> str:
    return describe_unknown({name: vocabulary.nearest(name, groups=groups)}, vocabulary)


LISTED: Final = "GET /api/ingredients?q= lists names"


@pytest.mark.parametrize("name", ["rum", "пиво"])
def test_the_refusal_says_that_the_bar_serves_no_alcohol(name: str) -> None:
    """No other name is proposed."""
    milk = replace(SMALL_VOCABULARY.ingredients[0], aliases=("rums", "пивот"))
    sentence = f"{name!r} is not known: this bar serves no alcohol. {LISTED}"
    assert describe(name, Vocabulary([milk])) == sentence


def test_a_model_with_alcohol_does_not_say_so() -> None:
    assert describe("vodka", WITH_ALCOHOL) == f"'vodka' is not known. {LISTED}"
    assert "did you mean light rum?" in describe("lite rum", WITH_ALCOHOL)


def test_the_refusal_of_an_exclusion_names_the_group_of_traces() -> None:
    """A caller who avoids alcohol may want to avoid traces too."""
    assert describe("rum", TRACES, groups=True) == (
        "'rum' is not known: this bar serves no alcohol. "
        f"{ALCOHOL} excludes what may contain traces of it. {LISTED}"
    )


def test_a_group_is_not_a_drink() -> None:
    assert "the groups are group:alcohol" in describe("group: rum", TRACES, groups=True)
