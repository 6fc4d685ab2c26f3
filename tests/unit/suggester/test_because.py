"""The reasons for a suggestion: known drinks, and its share of their vote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggester.because import explain
from tests.fakes import SMALL_VOCABULARY, small_ranker
from tests.known_drinks import BY_NAME, NAMES, RECIPES, knowing_ranker, knowledge_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.ranker import Ranker
    from suggester.reasons import Because

IDS = [entry.id for entry in SMALL_VOCABULARY.ingredients]
SETS = st.sets(st.sampled_from(IDS))


def reasons(
    drink: Sequence[str],
    suggested: Sequence[str],
    exclude: Sequence[str] = (),
    ranker: Ranker | None = None,
) -> list[Because]:
    model = ranker or knowing_ranker()
    excluded = model.masks.excluded([tuple(exclude)])
    chosen = model.masks.multi_hot([drink])
    return explain(model, chosen, ~excluded, excluded, [suggested])[0]


def names(reason: Because) -> list[str]:
    return [drink[0].en for drink in reason.drinks]


def test_the_drinks_contain_the_suggestion_and_the_most_similar_comes_first() -> None:
    [reason] = reasons(("milk", "strawberry"), ["sugar"])
    assert names(reason) == ["Sweet Pink Milk", "Sweet Milk"]


def test_at_most_three_drinks_are_named() -> None:
    recipes = [(0, 4), (0, 3, 4), (0, 4, 5), (0, 3, 4, 5)]
    rows = [[f"Drink {number}", "", None] for number in range(4)]
    ranker = small_ranker(recipes=recipes, knowledge=knowledge_of(rows, categories=False))
    [reason] = reasons(("milk",), ["sugar"], ranker=ranker)
    assert names(reason) == ["Drink 0", "Drink 1", "Drink 2"]


def test_the_share_is_that_of_the_vote_on_what_may_be_suggested() -> None:
    """The votes on excluded ingredients do not count."""
    ranker = knowing_ranker()
    [vote] = ranker.neighbours.vote(np.array([[1, 0, 0, 0, 0, 0]], np.float32))
    sugar, strawberry = reasons(("milk",), ["sugar", "strawberry"])
    assert sugar.share == pytest.approx(vote[4])
    assert sugar.share + strawberry.share == pytest.approx(1)
    [alone] = reasons(("milk",), ["sugar"], exclude=("strawberry",))
    assert alone.share == 1


def test_a_drink_that_no_recipe_shares_anything_with_has_no_reason() -> None:
    [reason] = reasons((), ["milk"])
    assert reason == (0, ())


def test_a_drink_without_a_name_is_not_named() -> None:
    rows = [NAMES[0], ["", "", 0], *NAMES[2:]]
    [reason] = reasons(
        ("milk", "strawberry"), ["sugar"], ranker=knowing_ranker(knowledge=knowledge_of(rows))
    )
    assert names(reason) == ["Sweet Milk"]
    [reason] = reasons(("milk",), ["sugar"], ranker=small_ranker(recipes=RECIPES))
    assert (reason.drinks, reason.share > 0) == ((), True)


def test_the_names_are_given_by_language() -> None:
    [reason] = reasons(("milk",), ["strawberry"])
    assert reason.to_json()["drinks"][0] == {
        "names": [{"en": "Pink Milk", "ru": "Розовое молоко"}, {"en": "Berry Milk"}]
    }


@given(drink=SETS, exclude=SETS, dairy=st.booleans())
def test_no_named_drink_contains_what_is_excluded(
    drink: set[str], exclude: set[str], *, dairy: bool
) -> None:
    excluded = {*exclude, *(("milk", "orange-juice") if dairy else ())}
    suggested = sorted(set(IDS) - drink - excluded)
    requested = [*exclude, *(["group:dairy"] if dairy else [])]
    found = reasons(sorted(drink), suggested, requested)
    assert len(found) == len(suggested)
    for suggestion, reason in zip(suggested, found, strict=True):
        for name in (name for drink_names in reason.drinks for name in drink_names):
            assert not excluded & BY_NAME[name.en]
            assert suggestion in BY_NAME[name.en]
