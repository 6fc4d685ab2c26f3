"""No answer contains a member of a group that a text excludes: it is excluded, or refused."""

from __future__ import annotations

from itertools import islice, permutations, product
from typing import TYPE_CHECKING, Final

import pytest

from suggester.groups import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from suggester.extraction import Extractor
    from suggester.vocabulary import Vocabulary

# The groups of names. Egg, milk, soy, honey, celery, peanuts and sesame are ingredients, too.
NAMES: Final = {
    "nuts": ("nuts", "peanut"),
    "eggs": ("egg",),
    "milk": ("dairy",),
    "soy": ("soy",),
    "gluten": ("gluten",),
    "dairy": ("dairy",),
    "honey": ("honey",),
    "celery": ("celery",),
    "peanuts": ("peanut",),
    "sesame": ("sesame",),
    "fish": ("fish",),
    "gelatine": ("gelatine",),
    "lactose": ("dairy",),
    "alcohol": ("alcohol",),
    "caffeine": ("caffeine",),
    "sulphites": ("sulphites",),
}
# In the accusative, and in the genitive.
RUSSIAN_NAMES: Final = {
    ("орехи", "орехов"): ("nuts", "peanut"),
    ("яйца", "яиц"): ("egg",),
    ("молоко", "молока"): ("dairy",),
    ("сою", "сои"): ("soy",),
    ("глютен", "глютена"): ("gluten",),
    ("мед", "меда"): ("honey",),
    ("сельдерей", "сельдерея"): ("celery",),
    ("арахис", "арахиса"): ("peanut",),
    ("кунжут", "кунжута"): ("sesame",),
    ("рыбу", "рыбы"): ("fish",),
    ("лактозу", "лактозы"): ("dairy",),
}
INTOLERANCES: Final = (
    "I'm allergic to {}",
    "Allergic to: {}",
    "allergic to {}",
    "I have an allergy to {}",
    "my allergies: {}",
    "an intolerance to {}",
    "intolerant to {}",
    "I can't eat {}",
    "I can\u2019t have {}",
    "cannot drink {}",
    "I must not eat {}",
    "don't eat {}",
    "free from {}",
    "AVOID: {}",
    "Allergies:\n- {}",
)
DENIALS: Final = (
    "no {}",
    "without {}",
    "without any {}",
    "avoid {}",
    "anything but {}",
    "don't add {}",
    "not without {}",
    "neither {}",
    "skip the {}",
    "without\n{}",
    "no ({})",
)
BEHIND: Final = (
    "I have a {} allergy",
    "{} allergies",
    "{} intolerant",
    "{}-free",
    "{} free banana",
    "{}: no",
    "{} are not allowed",
)
RUSSIAN: Final = (
    "нельзя {0}",
    "мне нельзя {0}",
    "аллергия на {0}",
    "аллергия: {0}",
    "не ем {0}",
    "не могу есть {0}",
    "не переношу {0}",
    "исключить {0}",
    "{0} нельзя",
    "{0} мне нельзя",
    "{0} не добавлять",
    "непереносимость {1}",
    "без {1}",
    "кроме {1}",
    "нет {1}",
)
TWO: Final = ("{}, {}", "{} and {}", "{} or {}", "{} & {}", "{}/{}", "{},\n{}", "{}- and {}")
THREE: Final = (
    "{}, {}, {}",
    "{}, {} and {}",
    "{}, {}, or {}",
    "{} and {}, and also {}",
    "{} and {} and {}",
    "{} ({}, {})",
)
RUSSIAN_TWO: Final = ("{}, {}", "{} и {}", "{} или {}", "{}, а также {}")
RUSSIAN_THREE: Final = ("{}, {}, {}", "{}, {} и {}", "{} и {}, а также {}", "{} ({}, {})")
STEPS: Final = {1: 1, 2: 1, 3: 29}  # every list of two, and some of three, to save time
FEW: Final = ("nuts", "eggs", "milk", "soy")


class Checker:
    """Finds the members of groups that an answer to a text may contain."""

    def __init__(self, extractor: Extractor, vocabulary: Vocabulary) -> None:
        self._extract = extractor.extract
        self._vocabulary = vocabulary

    def allowed(self, text: str, groups: tuple[str, ...]) -> set[str]:
        """Return the ids in the groups that the drink has, or that may be suggested for it."""
        result = self._extract(text)
        vocabulary = self._vocabulary
        members = set().union(*(vocabulary.groups[PREFIX + group] for group in groups))
        drink = set(result.ingredients)  # the page pours them, although others are not understood
        if not (result.unknown_negated or result.contradictory):
            drink |= vocabulary.index.keys() - vocabulary.excluded(result.excluded)
        return drink & members


@pytest.fixture(scope="module")
def checker(extractor: Extractor, vocabulary: Vocabulary) -> Checker:
    return Checker(extractor, vocabulary)


def english() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield lists of one, two and three names, and their groups."""
    yield from NAMES.items()
    for count, patterns in ((2, TWO), (3, THREE)):
        some = islice(permutations(NAMES, count), None, None, STEPS[count])
        for number, names in enumerate(some):
            yield patterns[number % len(patterns)].format(*names), groups_of(names)
        for pattern, names in product(patterns, permutations(FEW, count)):
            yield pattern.format(*names), groups_of(names)


def groups_of(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(group for name in names for group in NAMES[name])


@pytest.mark.parametrize("cue", [*INTOLERANCES, *DENIALS, *BEHIND])
def test_every_group_in_a_list_is_excluded(cue: str, checker: Checker) -> None:
    texts = {cue.format(names): groups for names, groups in english()}
    faults = {
        text: found for text, groups in texts.items() if (found := checker.allowed(text, groups))
    }
    assert faults == {}


def russian(case: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    for count, patterns in ((1, ("{}",)), (2, RUSSIAN_TWO), (3, RUSSIAN_THREE)):
        some = islice(permutations(RUSSIAN_NAMES, count), None, None, STEPS[count])
        for number, pairs in enumerate(some):
            names = [pair[case] for pair in pairs]
            groups = tuple(group for pair in pairs for group in RUSSIAN_NAMES[pair])
            yield patterns[number % len(patterns)].format(*names), groups


@pytest.mark.parametrize("cue", RUSSIAN)
def test_every_group_in_a_russian_list_is_excluded(cue: str, checker: Checker) -> None:
    texts = {cue.format(names, names): groups for names, groups in russian(int("{1}" in cue))}
    faults = {
        text: found for text, groups in texts.items() if (found := checker.allowed(text, groups))
    }
    assert faults == {}


NUTS = ("nuts", "peanut")


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("I'm allergic to nuts, eggs and soy", (*NUTS, "egg", "soy")),
        ("no gluten, banana, nuts", ("gluten", *NUTS)),
        ("no gluten, banana, eggs", ("gluten", "egg")),
        ("no nuts, please, and no milk or eggs", (*NUTS, "dairy", "egg")),
        ("free from nuts and gluten, banana", (*NUTS, "gluten")),
        ("I'M ALLERGIC TO NUTS, EGGS", (*NUTS, "egg")),
        ("I can\u2019t have nuts,\neggs\nor soy", (*NUTS, "egg", "soy")),
        ("Avoid:\n- nuts\n- eggs\n- soy", (*NUTS, "egg", "soy")),
        ("Allergies:\n1. nuts\n2. eggs\n3. soy", (*NUTS, "egg", "soy")),
        ("allergic to E120, nuts and eggs", (*NUTS, "egg")),
        ("allergic to nuts etc. and eggs", (*NUTS, "egg")),
        ("allergic to nuts (and eggs), soy", (*NUTS, "egg", "soy")),
        ("allergic to nuts; eggs; soy", (*NUTS, "egg", "soy")),
        ("allergic to nuts, but also to eggs", (*NUTS, "egg")),
        ("allergic to nuts, quux, eggs", (*NUTS, "egg")),
        ("allergic mainly to eggs", ("egg",)),
        ("allergic to these: eggs", ("egg",)),
        ("I can't eat these:\n\n- eggs\n- milk", ("egg", "dairy")),
        ("without the following: eggs, milk", ("egg", "dairy")),
        ("без следующих продуктов: молоко, яйца", ("dairy", "egg")),
        ("without nuts (or eggs)", (*NUTS, "egg")),
        ("she mustn't eat eggs", ("egg",)),
        ("eggs and milk are forbidden", ("egg", "dairy")),
        ("I have a milk and egg allergy", ("dairy", "egg")),
        ("I have a banana, egg and nut allergy", ("egg", *NUTS)),
        ("banana, egg- and nut-free", ("egg", *NUTS)),
        ("dairy and nut free banana", ("dairy", *NUTS)),
        ("lactose and gluten intolerant", ("dairy", "gluten")),
        ("non-dairy banana smoothie", ("dairy",)),
        ("eggless banana smoothie", ("egg",)),
        ("непереносимость глютена и молока", ("gluten", "dairy")),
        ("аллергия на орехи, на яйца и на молоко", (*NUTS, "egg", "dairy")),
        ("нельзя ни орехи, ни яйца, ни молоко", (*NUTS, "egg", "dairy")),
        ("без орехов, банана, яиц", (*NUTS, "egg")),
        ("не ем орехи, но и яйца тоже", (*NUTS, "egg")),
        ("egg allergy, and also milk", ("egg", "dairy")),
        ("nothing with nuts or eggs", (*NUTS, "egg")),
        ("avoiding nuts, eggs", (*NUTS, "egg")),
        ("nothing containing nuts, eggs", (*NUTS, "egg")),
        ("no quux, eggs", ("egg",)),
        ("no nuts, no banana, eggs", (*NUTS, "egg")),
        ("w/o eggs, milk", ("egg", "dairy")),
        ("other than eggs", ("egg",)),
        ("it doesn't contain eggs", ("egg",)),
        ("eggs? no thanks", ("egg",)),
        ("eggs - never", ("egg",)),
        ("избегаю молока, яиц", ("dairy", "egg")),
        ("не содержит яиц", ("egg",)),
        ("чувствительность к молоку и яйцам", ("dairy", "egg")),
        ("противопоказаны яйца, молоко", ("egg", "dairy")),
        ("ничего с яйцами", ("egg",)),
        ("eggs and milk are my allergies", ("egg", "dairy")),
        ("eggs, which I am allergic to, nuts", ("egg", *NUTS)),
        ("eggs, milk: allergy", ("egg", "dairy")),
        ("sensitive to milk and eggs", ("dairy", "egg")),
        ("I'm coeliac; banana", ("gluten",)),
        ("allergic to nuts (almonds, peanuts)", NUTS),
        ("almond milk, no nuts", NUTS),
        ("cream; no lactose", ("dairy",)),
        ("cream. lactose intolerant", ("dairy",)),
    ],
)
def test_what_a_text_excludes_is_never_poured(
    text: str, groups: tuple[str, ...], checker: Checker
) -> None:
    assert checker.allowed(text, groups) == set()


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("nut allergy. milk and banana", ("milk", "banana")),
        ("milk and banana. I'm allergic to nuts and soy", ("milk", "banana")),
        ("milk, nut-free", ()),  # it may be a list of two
        ("banana, nut-free", ("banana",)),
        ("200 ml coconut milk, 1 banana, nut allergy", ("coconut-milk", "banana")),
        ("allergic to nuts, but milk is fine", ("milk",)),
        ("allergic to nuts\n200 ml milk\n1 banana", ("milk", "banana")),
        ("no nuts, banana", ("banana",)),
        ("no dairy, 200 ml oat milk, 1 tsp honey", ("oat-milk", "honey")),
        ("no sugar, milk, egg", ("milk", "egg")),
        ("no sugar, milk, no nuts", ("milk",)),
        ("without rum: milk, banana", ("milk", "banana")),
        ("I have a banana, egg and nut allergy", ()),
        ("milk. I'm allergic to nuts and allergic to eggs", ("milk",)),
        ("no more than 2 cl milk", ("milk",)),
        ("нельзя орехи, но молоко можно", ("milk",)),
    ],
)
def test_a_drink_keeps_its_other_ingredients(
    text: str, ingredients: tuple[str, ...], extractor: Extractor
) -> None:
    assert extractor.extract(text).ingredients == ingredients


@pytest.mark.parametrize(
    ("text", "ingredient", "group"),
    [
        ("cream; no lactose", "cream", "dairy"),
        ("almond milk, no nuts", "almond-milk", "nuts"),
        ("сливки, без лактозы", "cream", "dairy"),
    ],
)
def test_an_ingredient_in_an_excluded_group_is_contradictory(
    text: str, ingredient: str, group: str, extractor: Extractor
) -> None:
    result = extractor.extract(text)
    assert [(each.found.ingredient, each.group) for each in result.contradictory] == [
        (ingredient, PREFIX + group)
    ]
    assert result.found == ()
