from __future__ import annotations

from typing import Any

import pytest

from pipelines.errors import InputInvalid
from suggester.drinks import describe_unknown, split_names
from suggester.errors import IngredientsUnknown, RequestInvalid
from suggester.requests import MAX_INGREDIENTS, Request
from suggester.vocabulary import Ingredient, Vocabulary
from tests.fakes import REGISTRY, SMALL_VOCABULARY, RequestReader

KNOWN_KINDS = "must be one of next, complete, extract, categorize, similar, substitute"
NAME_RULE = "a name must have 1 to 64 characters and no control characters"


@pytest.mark.parametrize(
    ("drink", "at", "detail"),
    [
        (["milk"], "", 'send an object, such as {"ingredients": ["milk"]}'),
        (None, "", 'send an object, such as {"ingredients": ["milk"]}'),
        ({"colour": "red"}, "colour", "there is no such field here"),
        ({"exclude": "milk"}, "exclude", "must be a list of names"),
        ({"ingredients": ["milk"] * 33}, "ingredients", "must have at most 32 names"),
        ({"only": ["milk"] * 501}, "only", "must have at most 500 names"),
        ({"ingredients": ["milk", " "]}, "ingredients[1]", NAME_RULE),
        ({"ingredients": [1]}, "ingredients[0]", NAME_RULE),
        ({"exclude": ["m" * 65]}, "exclude[0]", NAME_RULE),
        ({"exclude": ["mi\u0000lk"]}, "exclude[0]", NAME_RULE),
        ({"exclude": ["\ud800"]}, "exclude[0]", NAME_RULE),
        ({"kind": "stir"}, "kind", KNOWN_KINDS),
        ({"kind": ["stir"]}, "kind[0]", KNOWN_KINDS),
        ({"kind": []}, "kind", "must have 1 to 8 kinds"),
        ({"kind": ["next", "next"]}, "kind", "must have each kind once"),
        ({"topk": 3}, "topk", "there is no such field here; did you mean top_k?"),
        ({"length": 3}, "length", "belongs to complete, not to next; remove it"),
        ({"top_k": 21}, "top_k", "must be a whole number from 1 to 20"),
        ({"novelty": 1.1}, "novelty", "must be a number from 0 to 1"),
        ({"novelty": -1}, "novelty", "must be a number from 0 to 1"),
        ({"novelty": True}, "novelty", "must be a number from 0 to 1"),
        ({"novelty": float("nan")}, "novelty", "must be a number from 0 to 1"),
        ({"novelty": "0"}, "novelty", "must be a number from 0 to 1"),
        ({"kind": "complete", "length": 0}, "length", "must be a whole number from 1 to 32"),
    ],
    ids=str,
)
def test_an_invalid_field_is_named(drink: Any, at: str, detail: str) -> None:
    """Each error has the place in the drink, and says what is allowed."""
    assert REGISTRY.check(drink) == [(at, detail)]


@pytest.mark.parametrize("value", ["5", True, 5.5, [5], None, float("nan"), float("inf"), -1])
def test_only_whole_numbers_are_accepted(value: Any) -> None:
    """A string, a boolean and a fraction are refused."""
    assert [error.at for error in REGISTRY.check({"top_k": value})] == ["top_k"]


def test_a_whole_number_may_be_written_with_a_fraction() -> None:
    """JSON has only numbers, so 5.0 is 5."""
    assert RequestReader(SMALL_VOCABULARY).read({"top_k": 5.0}) == Request(top_k=5)


def test_a_drink_without_a_length_leaves_it_to_the_model() -> None:
    """`null` overrides the length of the defaults."""
    reader = RequestReader(SMALL_VOCABULARY, Request(kind="complete", length=4))
    assert reader.read({"length": None}).length is None
    assert reader.read({}).length == 4


def test_a_full_drink_cannot_be_completed() -> None:
    """It has as many ingredients as a drink may have, so the caller should remove one."""
    ingredients = tuple(f"a{number}" for number in range(MAX_INGREDIENTS))
    vocabulary = Vocabulary(
        Ingredient(name, name, "", (), base=True, additive=True) for name in ingredients
    )
    with pytest.raises(InputInvalid, match="ingredients: must have fewer than 32 names"):
        RequestReader(vocabulary).read({"ingredients": list(ingredients), "kind": "complete"})


def test_all_errors_of_a_drink_are_reported() -> None:
    """The caller can fix them at once."""
    drink = {"top_k": 0, "novelty": 2}
    with pytest.raises(InputInvalid) as raised:
        RequestReader(SMALL_VOCABULARY).read(drink)
    assert str(raised.value) == (
        "top_k: must be a whole number from 1 to 20; novelty: must be a number from 0 to 1."
    )


def test_the_name_of_an_unknown_field_is_made_printable() -> None:
    """A lone surrogate could not be encoded in the answer."""
    [error] = REGISTRY.check({"\ud800" * 100: 1})
    assert error.at == "?" * 64


def test_names_become_sorted_ids() -> None:
    """Names in either language, in any case and with any spaces, each once."""
    drink = {"ingredients": ["  Сахар ", "STILL  water", "sugar"], "only": ["ginger"]}
    assert RequestReader(SMALL_VOCABULARY).read(drink) == Request(
        ingredients=("sugar", "water"), only=("ginger",)
    )


@pytest.mark.parametrize("field", ["ingredients", "exclude", "only"])
@pytest.mark.parametrize("spelling", ["mi\u200blk", "\ufeffмолоко", "ｍｉｌｋ"])
def test_every_spelling_of_a_name_is_found(field: str, spelling: str) -> None:
    """An exclusion with an invisible letter in it may be an allergy all the same."""
    request = RequestReader(SMALL_VOCABULARY).read({field: [spelling]})
    assert getattr(request, field) == ("milk",)


def test_exclusions_of_a_drink_add_to_the_defaults() -> None:
    """An exclusion may be an allergy, so nothing in a drink can remove one."""
    reader = RequestReader(SMALL_VOCABULARY, Request(exclude=("milk",)))
    for drink, excluded in (
        ({}, ("milk",)),
        ({"exclude": []}, ("milk",)),
        ({"exclude": ["sugar"]}, ("milk", "sugar")),
        ({"only": ["milk"], "exclude": ["sugar"]}, ("milk", "sugar")),
    ):
        assert reader.read(drink).exclude == excluded


def test_other_fields_of_a_drink_replace_the_defaults() -> None:
    """Even `only`, with null for everything."""
    reader = RequestReader(SMALL_VOCABULARY, Request(top_k=3, only=("milk",)))
    assert reader.read({}) == Request(top_k=3, only=("milk",))
    assert reader.read({"top_k": 4, "only": ["sugar"]}) == Request(top_k=4, only=("sugar",))
    assert reader.read({"only": None}).only is None


@pytest.mark.parametrize("field", ["ingredients", "exclude", "only"])
def test_an_unknown_name_is_refused(field: str) -> None:
    """The error has each unknown name once."""
    with pytest.raises(IngredientsUnknown) as raised:
        RequestReader(SMALL_VOCABULARY).read({field: ["milk", "gin", "gin"]})
    assert raised.value.names == ["gin"]


def test_an_unknown_exclusion_cannot_be_ignored() -> None:
    """Other unknown names are left out on request."""
    reader = RequestReader(SMALL_VOCABULARY, ignore_unknown=True)
    assert reader.read({"ingredients": ["milk", "gin"], "only": ["rum"]}) == Request(
        ingredients=("milk",), only=()
    )
    with pytest.raises(IngredientsUnknown):
        reader.read({"exclude": ["gin"]})


def test_a_drink_cannot_be_completed_to_its_own_length() -> None:
    """The length counts the ingredients that are already there."""
    drink = {"kind": "complete", "length": 2, "ingredients": ["milk", "sugar"]}
    with pytest.raises(InputInvalid, match="length: must be greater than the 2 ingredients given"):
        RequestReader(SMALL_VOCABULARY).read(drink)


@pytest.mark.parametrize(
    "names",
    [
        ["milk"] * 33,
        [1],
        [None],
        [["milk"]],
        [{}],
        [" "],
        ["m" * 65],
        ["still\u2028water"],
        ["gin"],
    ],
    ids=str,
)
def test_a_list_of_names_is_refused_like_a_drink(names: list[Any]) -> None:
    """Both forms of a line have the same rules and messages."""
    reader = RequestReader(SMALL_VOCABULARY)
    with pytest.raises((RequestInvalid, InputInvalid)) as expected:
        reader.read({"ingredients": names})
    with pytest.raises((RequestInvalid, InputInvalid)) as raised:
        reader.read_names(names)
    assert str(raised.value) == str(expected.value)


@pytest.mark.parametrize("names", [[], ["milk", "Сахар", "mi\u200blk"]], ids=str)
def test_a_list_of_names_is_read_like_a_drink(names: list[Any]) -> None:
    """The defaults apply to it."""
    reader = RequestReader(SMALL_VOCABULARY, Request(top_k=3, exclude=("ginger",), only=("milk",)))
    assert reader.read_names(names) == reader.read({"ingredients": names})


def test_names_in_a_text_are_separated_by_semicolons() -> None:
    """Blank names are dropped."""
    assert split_names(" milk;; still water ; ") == ["milk", "still water"]


def test_names_with_commas_between_them_get_a_hint() -> None:
    """All of them are known, so the caller has only used another separator."""
    [sentence, *_] = describe_unknown({"milk, сахар": []}, SMALL_VOCABULARY).split(" GET ")
    assert sentence == "'milk, сахар' has several names; put ';' between them, or send each alone."
    assert "several" not in describe_unknown({"milk, gin": []}, SMALL_VOCABULARY)


def test_a_question_ends_with_its_own_mark() -> None:
    with pytest.raises(InputInvalid) as raised:
        RequestReader().read({"topk": 3})
    assert str(raised.value) == "topk: there is no such field here; did you mean top_k?"
