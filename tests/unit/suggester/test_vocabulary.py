import pytest

from suggester.vocabulary import Ingredient, Vocabulary
from tests.fakes import SMALL_VOCABULARY as VOCABULARY


@pytest.mark.parametrize(
    "name",
    ["orange-juice", "orange juice", "Orange  Juice", " ORANGE JUICE ", "Апельсиновый сок"],
)
def test_an_ingredient_is_found_by_its_id_and_by_both_names(name: str) -> None:
    """Case and extra spaces do not matter."""
    found = VOCABULARY.find(name)
    assert found is not None
    assert found.id == "orange-juice"


def test_an_ingredient_is_found_by_an_alias() -> None:
    """An unknown name finds nothing."""
    found = VOCABULARY.find("Still Water")
    assert found is not None
    assert found.id == "water"
    assert VOCABULARY.find("gin") is None


def test_the_nearest_names_of_a_misspelt_name_are_from_different_ingredients() -> None:
    """A name that resembles no other has no nearest names."""
    assert VOCABULARY.nearest("strawbery") == ["strawberry"]
    assert VOCABULARY.nearest("orangejuice") == ["orange juice"]
    assert VOCABULARY.nearest("клубник") == ["клубника"]
    assert VOCABULARY.nearest("xyzzy") == []


def test_a_search_lists_names_that_begin_with_the_query_first() -> None:
    """Names that contain the query come after them."""
    assert [found.id for found in VOCABULARY.search("w", 10)] == ["water", "strawberry"]
    assert [found.id for found in VOCABULARY.search("ВОД", 10)] == ["water"]
    assert len(VOCABULARY.search("", 2)) == 2


def test_a_search_lists_the_exact_name_first() -> None:
    """Almond milk has an alias that begins with the Russian name of milk."""
    names = [("almond-milk", "молоко миндальное"), ("milk", "молоко")]
    vocabulary = Vocabulary(
        Ingredient(name, name, ru, (), base=True, additive=True) for name, ru in names
    )
    assert [found.id for found in vocabulary.search("молоко", 2)] == ["milk", "almond-milk"]


def test_a_search_lists_beginnings_of_words_before_the_inside_of_words() -> None:
    """The query may begin any word of a name, also after a hyphen."""
    names = ["abroom", "apple room", "black-room", "roomy", "room"]
    vocabulary = Vocabulary(
        Ingredient(name, name, "", (), base=True, additive=True) for name in names
    )
    found = [entry.id for entry in vocabulary.search("room", 5)]
    assert found == ["room", "roomy", "apple room", "black-room", "abroom"]


def test_a_search_takes_signs_literally() -> None:
    """They have no special meaning."""
    assert VOCABULARY.search("w.", 10) == VOCABULARY.search("(", 10) == []


def test_an_ingredient_without_a_russian_name_has_its_english_name() -> None:
    entry = Ingredient("x", "x", "", (), base=True, additive=False)
    assert entry.name("ru") == "x"
