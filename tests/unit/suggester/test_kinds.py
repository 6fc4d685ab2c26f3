from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from suggester.errors import MaskEmpty, RequestInvalid
from suggester.kinds import KINDS, load_kind
from suggester.requests import Request
from tests.fakes import FakeEngine, small_suggester

if TYPE_CHECKING:
    from numpy.typing import NDArray


def test_next_gives_the_best_first_and_no_more_than_asked() -> None:
    """The fake prefers later columns: ginger, then sugar."""
    [answer] = small_suggester().answer([Request(("milk",), top_k=2)])
    assert answer.added == ("ginger",)
    assert [s.ingredient for s in answer.suggestions] == ["ginger", "sugar"]
    assert answer.suggestions[0].probability > answer.suggestions[1].probability


def test_next_gives_fewer_where_the_mask_allows_fewer() -> None:
    """With one candidate there is one suggestion, and it is certain."""
    [answer] = small_suggester().answer([Request(("milk",), top_k=9, only=("sugar",))])
    assert [(s.ingredient, s.probability) for s in answer.suggestions] == [("sugar", 1.0)]


def test_complete_goes_on_until_the_drink_is_long_enough() -> None:
    """An empty drink begins with a base and goes on with additives, none of them twice."""
    [answer] = small_suggester().answer([Request((), kind="complete", length=4)])
    assert answer.added == ("orange-juice", "ginger", "sugar", "strawberry")[:4]
    assert [s.ingredient for s in answer.suggestions] == list(answer.added)


def test_complete_stops_where_the_masks_run_dry() -> None:
    """A drink that cannot be filled is filled as far as it goes."""
    [answer] = small_suggester().answer(
        [Request(("milk",), kind="complete", length=9, only=("sugar", "ginger"))]
    )
    assert answer.added == ("ginger", "sugar")


def test_complete_is_one_call_of_the_network_per_step_for_all() -> None:
    """Drinks of different lengths share their steps; a finished one drops out."""
    engine = FakeEngine()
    requests = [
        Request(("milk",), kind="complete", length=2),
        Request(("water",), kind="complete", length=4),
    ]
    answers = small_suggester(engine).answer(requests)
    assert [len(answer.added) for answer in answers] == [1, 3]
    assert engine.calls == [2, 1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_mask_is_an_error(kind: str) -> None:
    """Every kind refuses a drink to which nothing may be added."""
    with pytest.raises(MaskEmpty):
        small_suggester().answer([Request(("milk",), kind=kind, only=())])


def test_a_mixed_batch_keeps_its_order() -> None:
    """Kinds are answered together and handed back in the order of the requests."""
    requests = [
        Request(("milk",), kind="complete", length=3),
        Request(("milk",), exclude=("ginger",)),
        Request(("water",), kind="complete", length=2),
    ]
    answers = small_suggester().answer(requests)
    assert [answer.added for answer in answers] == [("ginger", "sugar"), ("sugar",), ("ginger",)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_that_gives_no_numbers_is_an_error(kind: str) -> None:
    """NaN is neither an answer nor a reason to go on for ever."""

    class Broken(FakeEngine):
        def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.full_like(super().logits(drinks), np.nan)

    with pytest.raises(FloatingPointError):
        small_suggester(Broken()).answer([Request(("milk",), kind=kind)])


def test_an_unknown_kind_is_an_error() -> None:
    """A kind that is not in the registry is refused by name."""
    with pytest.raises(RequestInvalid, match="'stir'"):
        load_kind("stir")
