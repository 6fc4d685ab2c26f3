"""The ingredients that could replace one of a drink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggester.errors import MaskEmpty
from suggester.substitute import role_factors, substitute
from tests.fakes import SMALL_VOCABULARY, FakeEngine
from tests.known_drinks import knowing_ranker, knowledge_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.requests import Suggestion

IDS = [entry.id for entry in SMALL_VOCABULARY.ingredients]
DRINKS = st.sets(st.sampled_from(IDS), min_size=2, max_size=5)
# Sugar and strawberry have the same role, and so have milk and water.
ROLES = [[1, 0, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]


def substitutes(
    drink: Sequence[str],
    replaced: str,
    *,
    exclude: Sequence[str] = (),
    only: Sequence[str] | None = None,
    roles: list[list[int]] | None = ROLES,
    novelty: float = 0.0,
) -> list[Suggestion]:
    ranker = knowing_ranker(FakeEngine(), knowledge_of(embedding=roles))
    masks = ranker.masks
    included = masks.included([None if only is None else tuple(only)])
    allowed = included & ~masks.excluded([tuple(exclude)])
    column = np.array([IDS.index(replaced)])
    chosen = masks.multi_hot([drink])
    return substitute(ranker, chosen, column, allowed, np.array([novelty], np.float32), [6])[0]


def test_an_ingredient_of_the_same_role_comes_first() -> None:
    """Without roles, ginger is the most probable ingredient."""
    drink = ("milk", "sugar")
    assert substitutes(drink, "sugar")[0].ingredient == "strawberry"
    assert substitutes(drink, "sugar", roles=None)[0].ingredient == "ginger"


def test_the_probabilities_add_up_to_1() -> None:
    found = substitutes(("milk", "sugar"), "sugar")
    assert sum(each.probability for each in found) == pytest.approx(1)


def test_neither_the_drink_nor_the_replaced_ingredient_is_suggested() -> None:
    found = {each.ingredient for each in substitutes(("milk", "sugar", "ginger"), "sugar")}
    assert found == {"orange-juice", "strawberry"}


def test_the_only_ingredient_is_replaced_by_one_that_may_begin_a_drink() -> None:
    found = [each.ingredient for each in substitutes(("milk",), "milk")]
    assert sorted(found) == ["orange-juice", "water"]
    assert found[0] == "water"


def test_a_group_is_excluded() -> None:
    """Milk is as good a base as water, but contains dairy."""
    found = substitutes(("orange-juice",), "orange-juice", exclude=("group:dairy",))
    assert [each.ingredient for each in found] == ["water"]


def test_only_limits_the_substitutes() -> None:
    found = substitutes(("milk", "sugar"), "sugar", only=("ginger", "sugar"))
    assert [each.ingredient for each in found] == ["ginger"]


def test_nothing_left_is_an_error() -> None:
    with pytest.raises(MaskEmpty):
        substitutes(("milk", "sugar"), "sugar", only=("sugar",))


def test_novelty_prefers_rare_ingredients() -> None:
    """Ginger is in four of the known drinks, and strawberry in two."""
    usual, novel = (
        dict(substitutes(("milk", "sugar"), "sugar", roles=None, novelty=novelty))
        for novelty in (0, 1)
    )
    assert novel["strawberry"] / novel["ginger"] > usual["strawberry"] / usual["ginger"]


def test_an_improbable_substitute_is_still_allowed() -> None:
    """A factor that is lost in rounding does not remove the only candidate."""
    far = [[0, 0], [0, 0], [0, 0], [0, 0], [30, 0], [-30, 0]]
    found = substitutes(("milk", "sugar"), "sugar", only=("ginger",), roles=far)
    assert found == [("ginger", 1.0)]


@given(drink=DRINKS, exclude=st.sets(st.sampled_from(IDS)), dairy=st.booleans())
def test_nothing_excluded_is_suggested(drink: set[str], exclude: set[str], *, dairy: bool) -> None:
    replaced = min(drink)
    excluded = {*exclude, *(("milk", "orange-juice") if dairy else ()), *drink}
    names = [*exclude, *(["group:dairy"] if dairy else [])]
    try:
        found = substitutes(sorted(drink), replaced, exclude=names)
    except MaskEmpty:
        return
    assert not excluded & {each.ingredient for each in found}


def test_the_factors_are_relative_to_the_most_similar() -> None:
    factors = role_factors(np.array(ROLES, np.float32), np.array([4]))
    np.testing.assert_allclose(factors[0, [3, 4]], 1)
    assert (factors[0, [0, 1, 2, 5]] < 1e-3).all()
