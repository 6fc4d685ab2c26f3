"""The known drinks that are most similar to a drink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggester.known_drinks import DrinkName
from suggester.similar import SimilarDrink, find_similar, largest
from tests.fakes import SMALL_VOCABULARY, small_ranker
from tests.known_drinks import BY_NAME, RECIPES, knowing_ranker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.ranker import Ranker

IDS = [entry.id for entry in SMALL_VOCABULARY.ingredients]
SETS = st.sets(st.sampled_from(IDS))


def similar(
    *drink: str,
    exclude: Sequence[str] = (),
    only: Sequence[str] | None = None,
    top_k: int = 5,
    ranker: Ranker | None = None,
) -> list[SimilarDrink]:
    model = ranker or knowing_ranker()
    masks = model.masks
    filters = masks.excluded([tuple(exclude)]), masks.included([None if only is None else (*only,)])
    return find_similar(model, masks.multi_hot([drink]), *filters, [top_k])[0]


def names(found: list[SimilarDrink]) -> list[str]:
    return [drink.names[0].en for drink in found]


def test_the_similarity_is_the_share_of_common_ingredients() -> None:
    found = similar("milk", "strawberry")
    assert names(found) == ["Pink Milk", "Sweet Pink Milk", "Sweet Milk"]
    assert [drink.similarity for drink in found] == pytest.approx([1, 2 / 3, 1 / 3])


def test_it_says_what_is_missing_and_what_is_extra() -> None:
    [found] = similar("milk", "strawberry", "ginger", top_k=1, only=("sugar",), exclude=("water",))
    assert (found.missing, found.extra) == ((), ("ginger",))
    found = similar("milk", "strawberry", "ginger")[1]
    assert (found.missing, found.extra) == (("sugar",), ("ginger",))


def test_a_drink_keeps_all_its_names() -> None:
    [found] = similar("milk", "strawberry", top_k=1)
    assert found.names == (DrinkName("Pink Milk", "Розовое молоко"), DrinkName("Berry Milk"))
    assert found.to_json()["names"] == [
        {"en": "Pink Milk", "ru": "Розовое молоко"},
        {"en": "Berry Milk"},
    ]


def test_equally_similar_drinks_keep_the_order_of_the_recipes() -> None:
    assert names(similar("ginger")) == ["Ginger Water", "Orange Ginger", "Ginger Ale"]


def test_an_empty_drink_is_similar_to_none() -> None:
    assert similar() == []


def test_a_known_drink_of_an_excluded_group_is_not_named() -> None:
    """Not even if the drink of the request is of that group."""
    assert names(similar("milk", "sugar", exclude=("group:dairy",))) == ["Ginger Ale"]


def test_nothing_outside_only_is_missing() -> None:
    found = similar("milk", only=("sugar",))
    assert [(drink.names[0].en, drink.missing) for drink in found] == [("Sweet Milk", ("sugar",))]


def test_a_model_without_names_finds_the_same_drinks() -> None:
    found = similar("milk", "strawberry", ranker=small_ranker(recipes=RECIPES))
    assert [(drink.names, drink.missing) for drink in found[:2]] == [((), ()), ((), ("sugar",))]


def test_a_model_without_recipes_knows_no_drink() -> None:
    assert similar("milk", ranker=small_ranker()) == []


@given(drink=SETS, exclude=SETS.filter(bool), dairy=st.booleans())
def test_no_named_drink_contains_what_is_excluded(
    drink: set[str], exclude: set[str], *, dairy: bool
) -> None:
    excluded = {*exclude, *(("milk", "orange-juice") if dairy else ())}
    for found in similar(*drink, exclude=[*exclude, *(["group:dairy"] if dairy else [])]):
        assert not excluded & set(found.missing)
        for name in found.names:
            assert not excluded & BY_NAME[name.en]


def test_the_largest_values_keep_their_order_where_they_are_equal() -> None:
    assert largest(np.array([0.5, 1, 0.5, 0.2, 0.5]), 3).tolist() == [1, 0, 2]
    assert largest(np.array([0.5]), 3).tolist() == [0]
