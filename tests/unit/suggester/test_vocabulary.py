import pytest

from suggester.vocabulary import Ingredient
from tests.fakes import SMALL_VOCABULARY as VOCABULARY


@pytest.mark.parametrize(
    "name",
    ["orange-juice", "orange juice", "Orange  Juice", " ORANGE JUICE ", "Апельсиновый сок"],
)
def test_an_ingredient_is_found_by_any_of_its_names(name: str) -> None:
    """Ids and names in both languages are found in whatever case and spacing."""
    found = VOCABULARY.find(name)
    assert found is not None
    assert found.id == "orange-juice"


def test_an_alias_leads_to_its_ingredient() -> None:
    """An alias finds what it stands for; an unknown name finds nothing."""
    found = VOCABULARY.find("Still Water")
    assert found is not None
    assert found.id == "water"
    assert VOCABULARY.find("gin") is None


def test_composed_and_decomposed_letters_are_the_same() -> None:
    """Names are compared in one Unicode form."""
    found = VOCABULARY.find("апельсиновыи\u0306 сок")
    assert found is not None
    assert found.id == "orange-juice"


def test_the_nearest_names_come_best_first_and_one_an_ingredient() -> None:
    """A misspelt name is met with its likeliest meanings, none of them twice."""
    assert VOCABULARY.nearest("strawbery") == ["strawberry"]
    assert VOCABULARY.nearest("orangejuice") == ["orange juice"]
    assert VOCABULARY.nearest("клубник") == ["клубника"]
    assert VOCABULARY.nearest("xyzzy") == []


def test_search_puts_beginnings_first() -> None:
    """Names that begin with the query come before names that only contain it."""
    assert [found.id for found in VOCABULARY.search("w", 10)] == ["water", "strawberry"]
    assert [found.id for found in VOCABULARY.search("ВОД", 10)] == ["water"]
    assert len(VOCABULARY.search("", 2)) == 2


def test_a_name_falls_back_to_english() -> None:
    """Where the Russian name is empty the English one is shown."""
    entry = Ingredient("x", "x", "", (), base=True, additive=False)
    assert entry.name("ru") == "x"
