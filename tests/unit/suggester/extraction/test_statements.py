"""What people say about allergies and diets is honoured, wherever a text says it, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from suggester.extraction import Extractor
from suggester.groups import PREFIX
from suggester.vocabulary import Ingredient, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

NUTS: Final = ("nuts", "peanut")
VEGETARIAN: Final = ("fish", "gelatine")
VEGAN: Final = ("dairy", "egg", "honey", *VEGETARIAN)
LENTEN: Final = ("dairy", "egg", *VEGETARIAN)

# They exclude these groups, and are understood.
HONOURED: Final = {
    "vegan": VEGAN,
    "make it vegan": VEGAN,
    "I am vegan": VEGAN,
    "I'm a vegan": VEGAN,
    "for two vegans": VEGAN,
    "a vegan-friendly drink": VEGAN,
    "something vegan please": VEGAN,
    "a vegan smoothie": VEGAN,
    "vegan: yes": VEGAN,
    "plant-based": VEGAN,
    "a plant based drink": VEGAN,
    "я веган": VEGAN,
    "я веганка": VEGAN,
    "для веганов": VEGAN,
    "веганский смузи": VEGAN,
    "что-нибудь веганское": VEGAN,
    "vegetarian": VEGETARIAN,
    "we are vegetarians": VEGETARIAN,
    "я вегетарианка": VEGETARIAN,
    "вегетарианский коктейль": VEGETARIAN,
    "что-нибудь постное": LENTEN,
    "lactose intolerant": ("dairy",),
    "I am lactose-intolerant": ("dairy",),
    "my allergies: nuts": NUTS,
    "Allergies: nuts, eggs": (*NUTS, "egg"),
    "Intolerance: milk": ("dairy",),
    "аллергия: орехи, яйца": (*NUTS, "egg"),
    "celiac": ("gluten",),
    "I have coeliac disease": ("gluten",),
    "celiacs": ("gluten",),
    "целиакия": ("gluten",),
    "у меня целиакия": ("gluten",),
    "я с целиакией": ("gluten",),
    "dairy-free": ("dairy",),
    "dairy free please": ("dairy",),
    "nut-free": NUTS,
    "gluten free": ("gluten",),
    "безлактозный": ("dairy",),
    "безлактозный смузи": ("dairy",),
    "без глютена": ("gluten",),
    "безглютеновое": ("gluten",),
    "peanuts make me ill": ("peanut",),
    "milk makes me sick": ("dairy",),
    "milk and eggs make me sick": ("dairy", "egg"),
    "eggs give me hives": ("egg",),
    "milk upsets my stomach": ("dairy",),
    "milk disagrees with me": ("dairy",),
    "honey would kill me": ("honey",),
    "dairy makes me sick": ("dairy",),
    "nuts give me a rash": NUTS,
    "I get sick from milk": ("dairy",),
    "I react badly to eggs": ("egg",),
    "I can't have milk": ("dairy",),
    "I can't have any milk": ("dairy",),
    "I can't tolerate lactose": ("dairy",),
    "I cannot digest milk": ("dairy",),
    "I can't stomach eggs": ("egg",),
    "we can't eat eggs": ("egg",),
    "we avoid gluten": ("gluten",),
    "I don't eat honey": ("honey",),
    "I don't tolerate milk": ("dairy",),
    "I stay away from eggs": ("egg",),
    "I gave up milk": ("dairy",),
    "I'm off milk": ("dairy",),
    "zero dairy": ("dairy",),
    "0 eggs": ("egg",),
    "none of that, and zero milk or eggs": ("dairy", "egg"),
    "omitting eggs": ("egg",),
    "I stopped eating honey": ("honey",),
    "I've given up eggs": ("egg",),
    "my doctor forbids milk": ("dairy",),
    "unable to digest milk": ("dairy",),
    "don't serve me eggs": ("egg",),
    "eggs are off limits": ("egg",),
    "milk isn't for me": ("dairy",),
    "eggs are dangerous for me": ("egg",),
    "milk doesn't agree with me": ("dairy",),
    "hypersensitive to eggs": ("egg",),
    "dietary restrictions: eggs": ("egg",),
    "food allergies: milk, eggs": ("dairy", "egg"),
    "nuts; eggs make me sick": (*NUTS, "egg"),
    "I get sick from milk; eggs": ("dairy", "egg"),
    "eggs; dairy allergy": ("egg", "dairy"),
    "ненавижу молоко": ("dairy",),
    "отказ от яиц": ("egg",),
    "подальше от яиц": ("egg",),
    "чтобы не было молока": ("dairy",),
    "реакция на яйца": ("egg",),
    "молоко под запретом": ("dairy",),
    "молоко ни в коем случае": ("dairy",),
    "молоко убрать": ("dairy",),
    "мёд — яд для меня": ("honey",),
    "яйца либо молоко нельзя": ("egg", "dairy"),
    "no nuts; eggs": (*NUTS, "egg"),
    "no nuts; eggs; milk": (*NUTS, "egg", "dairy"),
    "no eggs, milk neither": ("egg", "dairy"),
    "no nuts. Milk neither": (*NUTS, "dairy"),
    "no eggs; milk too": ("egg", "dairy"),
    "яиц нельзя, молока тоже": ("egg", "dairy"),
    "яйца нельзя. Молоко тоже": ("egg", "dairy"),
    "яйца нельзя, мёд и молоко тоже": ("egg", "honey", "dairy"),
    "яиц нельзя, молока также": ("egg", "dairy"),
    "яиц нельзя, и молока": ("egg", "dairy"),
    "не ем мёд": ("honey",),
    "мёд не ем": ("honey",),
    "мы не едим яиц": ("egg",),
    "непереносимость лактозы": ("dairy",),
    "аллергия на орехи и яйца": (*NUTS, "egg"),
    "мне нельзя молочное": ("dairy",),
    "нельзя молочку": ("dairy",),
    "без молочки": ("dairy",),
    "мне орехи противопоказаны": NUTS,
    "молоко мне противопоказано": ("dairy",),
    "не перевариваю молоко": ("dairy",),
    "молоко не перевариваю": ("dairy",),
    "не усваиваю лактозу": ("dairy",),
    "плохо переношу молоко": ("dairy",),
    "меня тошнит от молока": ("dairy",),
    "от яиц меня тошнит": ("egg",),
    "от молока мне плохо": ("dairy",),
    "мне плохо от молока": ("dairy",),
    "от молока болит живот": ("dairy",),
    "от мёда у меня крапивница": ("honey",),
    "от молока и яиц сыпь": ("dairy", "egg"),
    "от яиц, мёда тошнит": ("egg", "honey"),
    "от молока; мёда умру": ("dairy", "honey"),
    "when I drink milk; honey and any eggs I feel ill": ("dairy", "honey", "egg"),
}

# They are honoured or refused: it is not clear what they exclude.
HONOURED_OR_REFUSED: Final = {
    "keep nuts away": NUTS,
    "no allergens: nuts, eggs": (*NUTS, "egg"),
    "no allergens such as nuts and eggs": (*NUTS, "egg"),
    "no allergies except nuts": NUTS,
    "no known nut allergies": NUTS,
    "none of the nuts": NUTS,
    "I'm off dairy": ("dairy",),
    "cut out dairy": ("dairy",),
    "I have problems with gluten": ("gluten",),
    "nuts are a no go": NUTS,
    "I get sick when I drink milk": ("dairy",),
    "eggs for breakfast make me sick": ("egg",),
    "when I drink milk I am sick": ("dairy",),
    "if I have eggs, I vomit": ("egg",),
    "milk always gives my poor son a headache": ("dairy",),
    "nuts bring me out in a rash": NUTS,
    "eggs are bad for me": ("egg",),
    "milk does not agree with me": ("dairy",),
    "молоко вызывает у меня тошноту": ("dairy",),
    "после молока мне плохо": ("dairy",),
    "когда я пью молоко, меня тошнит": ("dairy",),
    "I have an allergy": ("nuts",),
    "I'm allergic": ("nuts",),
    "у меня аллергия": ("nuts",),
    "anaphylaxis: milk": ("dairy",),
    "egg anaphylaxis": ("egg",),
    "анафилаксия на молоко": ("dairy",),
    "на молоко аллергия": ("dairy",),
    "на молоко у меня аллергия": ("dairy",),
    "not vegan but no milk": ("dairy",),
    "nuts? no way": NUTS,
    "nuts - no go": NUTS,
    "от орехов отёк": NUTS,
    "орехи вызывают отёк": NUTS,
    "vegan banana milkshake": VEGAN,
    "пищевая непереносимость яиц, а также молока": ("egg", "dairy"),
    "врач запрещает мёд": ("honey",),
    "halal": ("gelatine", "alcohol"),
    "I'm diabetic": ("honey",),
    "lactose is a problem": ("dairy",),
}


def variants(statement: str) -> Iterator[str]:
    """Yield texts with a statement in other letters, with other marks, and beside a recipe."""
    yield statement
    yield statement.upper()
    yield statement.capitalize()
    yield f"{statement}!"
    yield f"  {statement} .\n"
    yield statement.replace("'", "\u2019").replace("ё", "е")
    for before in ("banana. {}", "200 ml water\n1 banana\n{}", "Banana and mango!\n\n{}."):
        yield before.format(statement)
    for after in ("{}. Banana, mango", "{}\n\n200 ml water\n1 banana", "{}! One banana please."):
        yield after.format(statement)
    yield f"Hello! {statement}. I like banana. Thanks"
    yield f"банан. {statement}. Спасибо"
    yield f"({statement})"


def allowed(
    text: str, groups: tuple[str, ...], extractor: Extractor, known: Vocabulary
) -> set[str]:
    """Return the ids in the groups that the drink has, or that may be suggested for it."""
    result = extractor.extract(text)
    drink = set(result.ingredients)
    if not (result.unknown_negated or result.contradictory):
        drink |= known.index.keys() - known.excluded(result.excluded)
    return drink & set().union(*(known.groups[PREFIX + group] for group in groups))


@pytest.mark.parametrize("statement", [*HONOURED, *HONOURED_OR_REFUSED])
def test_a_statement_is_honoured_or_refused_wherever_it_is(
    statement: str, extractor: Extractor, vocabulary: Vocabulary
) -> None:
    groups = (HONOURED | HONOURED_OR_REFUSED)[statement]
    faults = {text: allowed(text, groups, extractor, vocabulary) for text in variants(statement)}
    assert {text: found for text, found in faults.items() if found} == {}


@pytest.mark.parametrize("statement", HONOURED)
@pytest.mark.parametrize("form", ["{}", "{}.", "banana. {}", "{}. Banana"])
def test_a_statement_that_is_understood_is_not_refused(
    statement: str, form: str, extractor: Extractor
) -> None:
    result = extractor.extract(form.format(statement))
    groups = {name.removeprefix(PREFIX) for name in result.excluded if name.startswith(PREFIX)}
    assert groups == set(HONOURED[statement])
    assert (result.unknown_negated, result.contradictory) == ((), ())
    assert result.ingredients == (("banana",) if "anana" in form else ())


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("coffee, vegan cheese", ("coffee",)),
        ("coffee with vegan milk and honey", ("coffee", "honey")),
        ("vegan butter", ()),
        ("vegan whipped cream, milk", ("milk",)),
        ("plant-based milk, honey", ("honey",)),
        ("веганские сливки, молоко", ("milk",)),
        ("nut milk", ()),
        ("almond milk and honey", ("almond-milk", "honey")),
        ("egg cream", ()),
        ("lactose-free milk", ("milk",)),
        ("milk, nuts", ("milk",)),
        ("milk with nuts", ("milk",)),
        ("milk, 50 g nuts", ("milk",)),
    ],
)
def test_the_name_of_another_food_is_no_statement(
    text: str, ingredients: tuple[str, ...], extractor: Extractor
) -> None:
    result = extractor.extract(text)
    assert result.ingredients == ingredients
    assert result.excluded == ()
    assert (result.unknown_negated, result.contradictory) == ((), ())


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("I feel sick. Tea with honey", ("black-tea", "honey")),
        ("I'm sick, make me tea with honey", ("black-tea", "honey")),
        ("milk makes me sick, so use oat milk", ("oat-milk",)),
        ("milk makes me sick. 1 banana", ("banana",)),
        ("1 banana\nmilk makes me\nsick", ("banana",)),
        ("no eggs, but milk too", ("milk",)),
        ("no eggs. Add milk, honey too", ("milk", "honey")),
        ("яйца нельзя, молоко", ("milk",)),
        ("яйца нельзя, а молоко и банан можно", ("milk", "banana")),
        ("no sugar; milk", ("milk",)),
        ("banana vegan", ("banana",)),
        ("cola zero with ice", ("cola", "ice")),
        ("0% fat yogurt, banana", ("yogurt", "banana")),
        ("0.5 l milk, 1 banana", ("milk", "banana")),
        ("2.0 l milk, 1 banana", ("milk", "banana")),
        ("feel free to add milk", ("milk",)),
        ("take the milk off the heat", ("milk",)),
        ("1 banana; milk makes me sick", ("banana",)),
        ("молоко ни в коем случае не кипятить", ("milk",)),
        ("vegan iced coffee with oat milk", ("coffee", "oat-milk")),
        ("сахар сыпь в молоко", ("sugar", "milk")),
    ],
)
def test_a_statement_leaves_other_ingredients_in_the_drink(
    text: str, ingredients: tuple[str, ...], extractor: Extractor
) -> None:
    result = extractor.extract(text)
    assert result.ingredients == ingredients
    assert (result.unknown_negated, result.contradictory) == ((), ())


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("I'm sick, something with honey and lemon", ("honey", "lemon")),
        ("tea with lemon and honey for when I'm sick", ("black-tea", "honey", "lemon")),
        ("if I'm ill, tea with ginger", ("black-tea", "ginger")),
        ("honey and lemon against nausea", ("honey",)),
        ("good for an upset stomach: mint, ginger", ("ginger", "mint")),
        ("tea with honey to help with nausea", ("black-tea", "honey")),
        ("a drink for a sick friend: tea, honey", ("black-tea", "honey")),
        ("my friend is sick, make her tea with honey", ("black-tea", "honey")),
        ("chamomile tea, it helps against a rash", ("chamomile-tea",)),
        ("not bad for a hot day: lemon, mint", ("lemon", "mint")),
        ("lemon and mint, which agree with ginger", ("ginger", "lemon", "mint")),
        ("a sick drink with mango and lime", ("lime", "mango")),
        ("sick of coffee, tea with milk", ("black-tea", "coffee", "milk")),
        ("no problem with milk, add banana", ("banana", "milk")),
        ("чай с мёдом и лимоном от тошноты", ("black-tea", "honey", "lemon")),
        ("чай с мёдом от сильной тошноты", ("black-tea", "honey")),
        ("чай с малиной, когда болеешь", ("black-tea", "raspberry")),
        ("болит горло: молоко с мёдом", ("honey", "milk")),
    ],
)
def test_a_drink_for_the_sick_keeps_its_ingredients(
    text: str, ingredients: tuple[str, ...], extractor: Extractor
) -> None:
    result = extractor.extract(text)
    assert set(result.ingredients) == set(ingredients)
    assert result.excluded == ()


@pytest.mark.parametrize(
    "text",
    [
        "milk, no allergies",
        "milk, no known food allergies",
        "milk and honey, no allergies please",
        "milk. I have no allergies.",
        "milk, zero intolerances",
    ],
)
def test_a_text_without_allergies_excludes_no_ingredient(text: str, extractor: Extractor) -> None:
    """A list behind a colon, or after `to`, may still be one of allergies."""
    result = extractor.extract(text)
    assert "milk" in result.ingredients
    assert {"milk", "group:dairy"}.isdisjoint(result.excluded)


@pytest.mark.parametrize(
    ("text", "ingredient", "group"),
    [
        ("vegan, milk", "milk", "dairy"),
        ("milk. Make it vegan", "milk", "dairy"),
        ("honey; я веган", "honey", "honey"),
        ("gluten-free oat milk", "oat-milk", "gluten"),
        ("celiac; oat milk", "oat-milk", "gluten"),
    ],
)
def test_a_drink_that_a_diet_forbids_is_contradictory(
    text: str, ingredient: str, group: str, extractor: Extractor
) -> None:
    [each] = extractor.extract(text).contradictory
    assert (each.found.ingredient, each.group) == (ingredient, PREFIX + group)


def test_a_diet_is_refused_if_the_model_lacks_one_of_its_groups() -> None:
    milk = Ingredient("milk", "milk", "", (), base=True, additive=True, contains=("dairy",))
    result = Extractor(Vocabulary([milk])).extract("make it vegan")
    assert [each.text for each in result.unknown_negated] == ["vegan"]
