"""Ingredients are found in texts, and nothing else is."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suggester.artifacts import DEFAULT, Artifacts
from suggester.extraction import Extractor
from suggester.groups import is_group
from suggester.vocabulary import Ingredient, Vocabulary

if TYPE_CHECKING:
    from suggester.extraction import Extraction

EXTRACTOR = Extractor(Vocabulary.load(Artifacts.open(DEFAULT)))


def found(text: str) -> list[str]:
    return [each.ingredient for each in EXTRACTOR.extract(text).found]


def negated(text: str) -> list[str]:
    return [name for name in EXTRACTOR.extract(text).excluded if not is_group(name)]


def excluded_groups(text: str) -> list[str]:
    excluded = EXTRACTOR.extract(text).excluded
    return [name.removeprefix("group:") for name in excluded if is_group(name)]


def unknown(text: str) -> list[str]:
    return [each.text for each in EXTRACTOR.extract(text).unknown]


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [
        ("strawberries", "strawberry"),
        ("cherries", "cherry"),
        ("огурцов", "cucumber"),
        ("льда", "ice"),
        ("лёд", "ice"),
        ("лед", "ice"),
        ("с мёдом", "honey"),
        ("вишен", "cherry"),
        ("яиц", "egg"),
        ("вишнёвого сока", "cherry-juice"),
        ("кокосовым молоком", "coconut-milk"),
        ("молочко", "milk"),
        ("чаёк", "black-tea"),
        ("лимончик", "lemon"),
    ],
)
def test_a_form_of_a_name_is_found(text: str, ingredient: str) -> None:
    assert found(text) == [ingredient]


def test_words_that_look_like_forms_are_others() -> None:
    assert found("icing") == []
    assert found("creamy") == []
    assert found("тут") == []


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("coconut milk", ["coconut-milk"]),
        ("вишнёвый сок", ["cherry-juice"]),
        ("orange blossom water", ["orange-blossom-water"]),
        ("чаем с бергамотом", ["earl-grey-tea"]),
        ("смородина красная", ["redcurrant"]),
        ("иван чай", ["fireweed-tea"]),
    ],
)
def test_the_longest_name_is_found(text: str, ingredients: list[str]) -> None:
    assert found(text) == ingredients


@pytest.mark.parametrize(
    "text",
    [
        "soy sauce",
        "pea milk",
        "non-dairy milk",
        "vegan butter",
        "milk alternative",
        "coconut milk powder",
        "lemon cake",
        "mint tea",
        "egg replacer",
        "hot chocolate",
        "соевый соус",
        "растительное молоко",
        "молоко растительное",
        "оливковое масло",
        "масло какао",
        "сироп топинамбура",
        "заменитель молока",
        "джин-тоник",
    ],
)
def test_a_name_inside_the_name_of_another_thing_is_not_understood(text: str) -> None:
    assert found(text) == []
    assert unknown(text) == [text]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("milk, no quux", "quux"),
        ("milk; allergic to quux", "quux"),
        ("milk; quux allergy", "quux allergy"),
        ("milk, substitute quux", "substitute quux"),
        ("milk without any quux", "quux"),
        ("молоко без кьюкса", "кьюкса"),
        ("молоко, непереносимость кьюкса", "непереносимость кьюкса"),
        ("молоко, аллергия на кьюкс", "кьюкс"),
    ],
)
def test_an_unknown_name_that_is_excluded_is_not_understood(text: str, name: str) -> None:
    """It may be an allergy, so it must not disappear."""
    assert found(text) == ["milk"]
    assert negated(text) == []
    assert unknown(text) == [name]
    assert [each.text for each in EXTRACTOR.extract(text).unknown_negated] == [name]


NUTS = ["nuts", "peanut"]


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("banana, no nuts", NUTS),
        ("banana without any tree nuts", ["nuts"]),
        ("nut-free banana", NUTS),
        ("banana; allergic to nuts and dairy", [*NUTS, "dairy"]),
        ("I have a nut allergy. banana", NUTS),
        ("I can't eat nuts; banana", NUTS),
        ("avoid nuts, banana", NUTS),
        ("lactose intolerant, banana", ["dairy"]),
        ("banana, no dairy products", ["dairy"]),
        ("no gluten, dairy, nuts", ["gluten", "dairy", *NUTS]),
        ("no sulfites", ["sulphites"]),
        ("банан без орешков", NUTS),
        ("банан, без молочного", ["dairy"]),
        ("без молочных продуктов, глютена и рыбы", ["dairy", "gluten", "fish"]),
        ("безлактозный банан", ["dairy"]),
        ("банан, непереносимость лактозы", ["dairy"]),
        ("банан, мне нельзя орехи", NUTS),
        ("орехи нельзя, банан", NUTS),
        ("орехи не добавлять, банан", NUTS),
    ],
)
def test_the_name_of_an_allergen_excludes_its_group(text: str, groups: list[str]) -> None:
    assert excluded_groups(text) == groups
    assert unknown(text) == negated(text) == []
    assert found(text) == (["banana"] if "banana" in text or "банан" in text else [])


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("no eggs", ("egg", "group:egg")),
        ("cannot drink milk", ("milk", "group:dairy")),
        ("без сои", ("soy-milk", "group:soy")),
        ("no egg whites", ("egg-white",)),
        ("no almonds", ("almond",)),
    ],
)
def test_an_ingredient_is_excluded_with_the_group_of_its_name(
    text: str, excluded: tuple[str, ...]
) -> None:
    assert EXTRACTOR.extract(text).excluded == excluded


def test_an_allergy_of_which_the_text_says_more_elsewhere_is_not_understood() -> None:
    result = EXTRACTOR.extract("milk. allergies! banana")
    assert [each.text for each in result.unknown_negated] == ["allergies"]


def test_the_name_of_a_group_that_the_model_lacks_is_not_understood() -> None:
    milk = Ingredient("milk", "milk", "", (), base=True, additive=True)
    result = Extractor(Vocabulary([milk])).extract("milk, no nuts")
    assert [each.text for each in result.unknown_negated] == ["nuts"]


def test_a_group_of_your_own_is_excluded_by_its_name() -> None:
    kiwi = Ingredient("kiwi", "kiwi", "", (), base=True, additive=True, contains=("furry-fruit",))
    assert Extractor(Vocabulary([kiwi])).extract("no furry fruit").excluded == (
        "group:furry-fruit",
    )


def test_a_group_that_is_not_excluded_is_no_exclusion() -> None:
    assert excluded_groups("milk, nuts") == []
    assert unknown("milk, nuts") == ["nuts"]


def test_a_negation_of_anything_else_names_nothing() -> None:
    assert unknown("milk, do not shake") == []


def test_the_leaves_of_a_plant_are_another_thing() -> None:
    assert found("листья вишни, raspberry leaves") == []
    assert found("листья мяты, mint leaves") == ["mint", "mint"]


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("milk, chilled", ["milk"]),
        ("organic milk", ["milk"]),
        ("фермерское молоко", ["milk"]),
        ("luscious banana", ["banana"]),
        ("молоко банан", ["milk", "banana"]),
        ("milk banana", ["milk", "banana"]),
    ],
)
def test_a_description_leaves_an_ingredient_the_same(text: str, ingredients: list[str]) -> None:
    assert found(text) == ingredients


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [
        ("the juice of two oranges", "orange-juice"),
        ("zest of one lemon", "lemon-zest"),
        ("цедра одного лимона", "lemon-zest"),
    ],
)
def test_a_product_of_a_fruit_is_found(text: str, ingredient: str) -> None:
    assert found(text) == [ingredient]


def test_a_genitive_after_a_unit_is_a_form_and_not_another_name() -> None:
    assert found("чайная ложка мака") == ["poppy-seed"]
    assert found("мака") == ["maca"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("without sugar", ["sugar"]),
        ("no milk, sugar or ice", ["milk", "sugar", "ice"]),
        ("hold the milk", ["milk"]),
        ("neither milk nor sugar", ["milk", "sugar"]),
        ("без молока и без сахара", ["milk", "sugar"]),
        ("sugar-free", ["sugar"]),
        ("don't add any salt", ["salt"]),
        ("honey instead of sugar", ["sugar"]),
        ("ice: no", ["ice"]),
        ("без молока, сахара и льда", ["milk", "sugar", "ice"]),
        ("кроме мёда", ["honey"]),
        ("не добавляйте лёд", ["ice"]),
        ("лёд не добавлять", ["ice"]),
        ("молока нет", ["milk"]),
        ("никакого кофе", ["coffee"]),
        ("аллергия на арахис", ["peanut"]),
    ],
)
def test_an_excluded_ingredient_is_negated_and_not_found(text: str, ids: list[str]) -> None:
    assert negated(text) == ids
    assert not set(found(text)) & set(ids)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("no ice and 2 eggs", ["egg"]),
        ("no ice and a cup of milk", ["milk"]),
        ("no sugar, milk", ["milk"]),
        ("no sugar. milk", ["milk"]),
        ("no sugar but milk", ["milk"]),
        ("без сахара, молоко", ["milk"]),
        ("без сахара с молоком", ["milk"]),
        ("вместо сахара возьмите мёд", ["honey"]),
        ("don't boil the milk", ["milk"]),
        ("не кипятите молоко", ["milk"]),
        ("не забудьте лёд", ["ice"]),
        ("not too much sugar", ["sugar"]),
        ("не только молоко", ["milk"]),
        ("no, milk", ["milk"]),
        ("no nuts, banana", ["banana"]),
        ("сахар не добавлять, молоко", ["milk"]),
        ("молоко нельзя кипятить", ["milk"]),
    ],
)
def test_a_negation_ends_with_its_clause(text: str, ids: list[str]) -> None:
    assert found(text) == ids


def test_a_negation_wins_over_another_mention() -> None:
    result = EXTRACTOR.extract("milk, honey, but no milk")
    assert [each.ingredient for each in result.found] == ["milk", "honey"]
    assert result.ingredients == ("honey",)
    assert result.excluded == ("milk", "group:dairy")


def test_an_ingredient_that_is_named_twice_counts_once() -> None:
    assert EXTRACTOR.extract("heat the milk, pour the milk").ingredients == ("milk",)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("50 ml rum, milk", ["rum"]),
        ("milk, flour, eggs", ["flour"]),
        ("put the kettle on", []),
        ("serve at once", []),
        ("нарежьте и подавайте", []),
    ],
)
def test_what_has_a_quantity_or_stands_in_a_list_is_reported(text: str, places: list[str]) -> None:
    assert unknown(text) == places


@pytest.mark.parametrize(
    "text", ["мо\u0301локо", "МОЛОКО", "\u00abмолоко\u00bb", "Молоко!", "милк, молоко"]
)
def test_places_are_those_of_the_text_as_it_was_sent(text: str) -> None:
    [each] = EXTRACTOR.extract(text).found
    assert text[each.start : each.end].casefold().replace("\u0301", "") == "молоко"


def test_the_text_may_have_decomposed_and_wide_letters() -> None:
    text = "½ me\u0301lange, ｍｉｌｋ и и\u0306огурт"
    places = [text[each.start : each.end] for each in EXTRACTOR.extract(text).found]
    assert places == ["ｍｉｌｋ", "и\u0306огурт"]


NOT_WORDS = {"o.j."}  # dots end phrases


def test_every_name_of_the_vocabulary_is_found(vocabulary: Vocabulary) -> None:
    missing = [
        name
        for entry in vocabulary.ingredients
        for name in (entry.id, entry.en, entry.ru, *entry.aliases)
        if name not in NOT_WORDS and found(name) != [getattr(vocabulary.find(name), "id", None)]
    ]
    assert missing == []


def test_a_vocabulary_of_your_own_is_used() -> None:
    entries = [
        Ingredient("flour", "flour", "", (), base=True, additive=True),
        Ingredient("7up", "7up", "", (), base=True, additive=True),
    ]
    result = Extractor(Vocabulary(entries)).extract("100 g flour and 7up")
    assert [each.ingredient for each in result.found] == ["flour", "7up"]


WORDS = (
    "milk|sugar|coconut|молока|сахар|кокосовое|без|no|not|не|and|и|free|нет|juice|сок|2|мл|ml|cup"
)
ALLERGIES = "nuts|dairy|egg|allergy|allergic|to|нельзя|орехи"
MARKS = ",|.|-|½|лёд|льда|1/2|1½|x|(|)|%|0/0|&|'|\n|\u0301|\u200b|ı|İ|ß"
FRAGMENTS = f"{WORDS}|{ALLERGIES}|{MARKS}".split("|")


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(FRAGMENTS), max_size=14).map(" ".join)
    | st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join)
)
@settings(deadline=None)
def test_any_text_has_a_result_with_places_inside_it_that_do_not_overlap(text: str) -> None:
    result = EXTRACTOR.extract(text)
    places = sorted([*set(spans(result)), *((each.start, each.end) for each in result.unknown)])
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    assert all(each.text == text[each.start : each.end] for each in result.unknown)
    assert not set(result.ingredients) & set(result.excluded)


def spans(result: Extraction) -> list[tuple[int, int]]:
    return [(each.start, each.end) for each in (*result.found, *result.negated)]
