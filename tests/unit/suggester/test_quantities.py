"""Quantities, units and states of preparation are removed from the names of ingredients."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggester.names import normalise
from suggester.quantities import strip_preparation, strip_quantity


def strip(text: str) -> str:
    return strip_preparation(strip_quantity(normalise(text)))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2 cl fresh lime juice", "lime juice"),
        ("½ cup milk", "milk"),
        ("1½ cups milk", "milk"),
        ("1 1/2 cups milk", "milk"),
        ("1/2 oz. gin", "gin"),
        ("2-3 dashes angostura bitters", "angostura bitters"),
        ("2 to 3 tbsp sugar", "sugar"),
        ("2–3 tbsp. sugar", "sugar"),
        ("a pinch of salt", "salt"),
        ("pinch salt", "salt"),
        ("dash of bitters", "bitters"),
        ("200ml milk", "milk"),
        ("4oz vodka", "vodka"),
        ("1.5 l water", "water"),
        ("1,5 л воды", "воды"),
        ("2 ст. л. сахара", "сахара"),
        ("2 ст.л. сахара", "сахара"),
        ("1 ч. л. соды", "соды"),
        ("200 мл молока", "молока"),
        ("щепотка соли", "соли"),
        ("2 столовые ложки меда", "меда"),
        ("сахар - 2 ст. л.", "сахар"),
        ("сахар, 200 г", "сахар"),
        ("молоко 200 мл", "молоко"),
        ("соль по вкусу", "соль"),
        ("соль (по вкусу)", "соль"),
        ("1 (14 ounce) can coconut milk", "coconut milk"),
        ("1 can (400 ml) coconut milk", "coconut milk"),
        ("2 large eggs", "eggs"),
        ("3 limes", "limes"),
        ("half a cup of milk", "milk"),
        ("1 cup half and half", "half and half"),
        ("2 cloves garlic", "garlic"),
        ("1 part gin", "gin"),
        ("1 oz fresh lime juice", "lime juice"),
        ("fresh mint", "mint"),
        ("mint leaves, finely chopped", "mint leaves"),
        ("freshly squeezed orange juice", "orange juice"),
        ("1 cup milk (oat)", "milk (oat)"),
        ("sugar to taste", "sugar"),
        ("6 ice cubes", "ice cubes"),
        ("1 tea bag", "tea bag"),
        ("1 g ginger", "ginger"),
        ("2 c. milk", "milk"),
        ("1 t vanilla", "vanilla"),
        ("lemon juice 2 cl", "lemon juice"),
        ("1 cup + 2 tbsp sugar", "sugar"),
        ("about 2 cups water", "water"),
        ("1 fl oz cream", "cream"),
        ("1 fl. oz. cream", "cream"),
        ("2 slices of lemon", "lemon"),
        ("slice of lemon", "lemon"),
        ("2 x 50 ml espresso", "espresso"),
        ("свежевыжатый сок лимона", "сок лимона"),
        ("2 стакана кефира", "кефира"),
        ("tequila 1 oz", "tequila"),
        ("6 ounces penne", "penne"),
        ("2 cups (packed) brown sugar", "(packed) brown sugar"),
        ("100 g dark chocolate 70 %", "dark chocolate 70 %"),
        ("1 cup milk, chilled", "milk"),
        ("1/4 tsp. ground cinnamon", "ground cinnamon"),
        ("3 parts cola", "cola"),
        ("1 bottle of cola", "cola"),
        ("cup of tea", "tea"),
        ("пол стакана воды", "воды"),
        ("яйцо 2 шт", "яйцо"),
        ("яйцо - 2 шт.", "яйцо"),
        ("2 яйца", "яйца"),
        ("can of coconut cream", "coconut cream"),
        ("4 whole cloves", "whole cloves"),
        ("1 lb. beef", "beef"),
        ("fresh ginger", "ginger"),
        ("1 small onion", "onion"),
        ("2 small cans tuna", "tuna"),
        ("1 l milk", "milk"),
        ("1 litre milk", "milk"),
        ("100 g glass noodles", "glass noodles"),
        ("500 ml (2 cups) milk", "milk"),
        ("2 piece ginger", "ginger"),
        ("сливки 33% 200 мл", "сливки 33%"),
        ("масло сливочное 100 г", "масло сливочное"),
        ("1 ст.ложка сахара", "сахара"),
        ("2 ч.ложки соды", "соды"),
        ("3 ложки меда", "меда"),
    ],
)
def test_only_the_name_remains(text: str, name: str) -> None:
    """Numbers, fractions, ranges, units, notes and the state of preparation are removed."""
    assert strip(text) == name


@pytest.mark.parametrize(
    "name",
    [
        "7up",
        "2% milk",
        "1% low-fat milk",
        "7-up",
        "12 year old rum",
        "151 proof rum",
        "5 spice powder",
        "00 flour",
        "half and half",
        "cloves",
        "cup",
        "2 cups",
        "milk (oat)",
        "ice cubes",
        "fresh",
        "1",
        "ginger beer",
        "large",
        "vitamin c",
        "club soda",
        "a lemon",
        "an apple",
        "1 cl",
        "dried apricots",
        "2 l.",
        "молоко сгущенное",
        "лимон - 1/2",
        "100 % orange juice",
        "juice of 1 lime",
        "canned tomatoes",
        "carrot",
        "part-skim milk",
        "tart cherries",
        "lime",
        "g",
        "glass noodles",
        "сливки 33%",
        "milk (soy)",
        "3 cloves",
        "ground ginger",
        "frozen strawberries",
    ],
)
def test_another_ingredient_keeps_its_name(name: str) -> None:
    """A number or a word that tells ingredients apart remains, and no name becomes empty."""
    assert strip(name) == normalise(name)


@given(
    number=st.sampled_from(["1", "2-3", "1 1/2", "½", "0.5", "2 x 3", "1,5"]),
    unit=st.sampled_from(["cl", "oz", "cups", "tbsp.", "ml", "ст. л.", "мл", "dashes"]),
    name=st.sampled_from(["lime juice", "milk", "молоко", "black tea", "7up", "half and half"]),
    in_front=st.booleans(),
)
def test_any_quantity_and_unit_are_removed(
    number: str, unit: str, name: str, *, in_front: bool
) -> None:
    """They may stand in front of the name or after it."""
    text = f"{number} {unit} {name}" if in_front else f"{name}, {number} {unit}"
    assert strip_quantity(normalise(text)) == name


@given(st.text(max_size=40).map(normalise).filter(bool))
def test_a_name_never_becomes_empty(name: str) -> None:
    """Whatever the text is, something remains."""
    assert strip(name)
