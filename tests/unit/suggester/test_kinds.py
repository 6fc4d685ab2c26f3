"""The kinds of question, with an engine that prefers later columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from suggester.errors import MaskEmpty, NetworkInvalid, RequestInvalid
from suggester.neighbours import Neighbours
from suggester.ranker import Ranker
from suggester.recipe_index import RecipeIndex
from suggester.requests import Request
from suggester.suggester import Suggester, load_kind
from tests.fakes import SMALL_VOCABULARY, FakeEngine, small_suggester

if TYPE_CHECKING:
    from numpy.typing import NDArray
GROWING = ("next", "complete")  # the kinds that add ingredients


def test_next_returns_the_top_k_best_first() -> None:
    """Suggestions are sorted by probability, and the first one is added."""
    [answer] = small_suggester().answer([Request(("milk",), top_k=2)])
    assert answer.added == ("ginger",)
    assert [s.ingredient for s in answer.suggestions] == ["ginger", "sugar"]
    assert answer.suggestions[0].probability > answer.suggestions[1].probability


def test_next_returns_fewer_where_the_mask_allows_fewer() -> None:
    """A single candidate is the only suggestion and has probability 1."""
    [answer] = small_suggester().answer([Request(("milk",), top_k=9, only=("sugar",))])
    assert [(s.ingredient, s.probability) for s in answer.suggestions] == [("sugar", 1.0)]


def test_complete_adds_until_the_drink_is_long_enough() -> None:
    """An empty drink gets a base first, then different additives."""
    [answer] = small_suggester().answer([Request((), kind="complete", length=4)])
    assert answer.added == ("orange-juice", "ginger", "sugar", "strawberry")
    assert [s.ingredient for s in answer.suggestions] == list(answer.added)


def test_complete_stops_when_no_candidate_is_left() -> None:
    """A drink may stay shorter than its length."""
    [answer] = small_suggester().answer(
        [Request(("milk",), kind="complete", length=9, only=("sugar", "ginger"))]
    )
    assert answer.added == ("ginger", "sugar")


def test_complete_calls_the_network_once_per_step() -> None:
    """Drinks of different lengths share their steps, and finished drinks are left out."""
    engine = FakeEngine()
    requests = [
        Request(("milk",), kind="complete", length=2),
        Request(("water",), kind="complete", length=4),
    ]
    answers = small_suggester(engine).answer(requests)
    assert [len(answer.added) for answer in answers] == [1, 3]
    assert engine.calls == [2, 1, 1]


def test_complete_adds_at_least_one_without_a_length() -> None:
    """A model without recipes knows no more than the next ingredient."""
    [answer] = small_suggester().answer([Request(("milk",), kind="complete")])
    assert answer.added == ("ginger",)


def test_novelty_prefers_what_fits_this_drink_better_than_others() -> None:
    """With novelty the rare ginger beats the frequent sugar, although both fit milk equally."""
    columns = SMALL_VOCABULARY.index
    recipes = [[columns["sugar"], columns["water"]]] * 9 + [[columns["ginger"], columns["water"]]]
    suggester = small_suggester(EvenEngine(), recipes=recipes)
    for kind in GROWING:
        usual, novel = suggester.answer(
            [
                Request(("milk",), kind, only=("ginger", "sugar"), novelty=novelty)
                for novelty in (0, 1)
            ]
        )
        assert usual.suggestions[0].probability <= novel.suggestions[0].probability
        assert novel.added[0] == "ginger"


class EvenEngine(FakeEngine):
    """An engine that finds all ingredients equally probable."""

    def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.zeros_like(super().logits(drinks))


@pytest.mark.parametrize("kind", GROWING)
def test_an_empty_mask_is_an_error(kind: str) -> None:
    """Every kind rejects a drink to which nothing may be added."""
    with pytest.raises(MaskEmpty):
        small_suggester().answer([Request(("milk",), kind=kind, only=())])


def test_a_batch_of_several_kinds_keeps_its_order() -> None:
    """The answers are in the order of the requests."""
    requests = [
        Request(("milk",), kind="complete", length=3),
        Request(("milk",), exclude=("ginger",)),
        Request(("water",), kind="complete", length=2),
    ]
    answers = small_suggester().answer(requests)
    assert [answer.added for answer in answers] == [("ginger", "sugar"), ("sugar",), ("ginger",)]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", GROWING)
def test_a_logit_that_is_not_finite_is_an_error(kind: str, value: float) -> None:
    """A network that returns NaN or infinity gives no answer."""

    class BrokenEngine(FakeEngine):
        def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.full_like(super().logits(drinks), value)

    with pytest.raises(NetworkInvalid):
        small_suggester(BrokenEngine()).answer([Request(("milk",), kind=kind)])


def test_an_unknown_kind_is_an_error() -> None:
    """The error names the unknown kind."""
    with pytest.raises(RequestInvalid, match="'stir'"):
        load_kind("stir")


def test_a_vote_without_weight_is_not_computed() -> None:
    class Voters(Neighbours):
        def vote(self, chosen: Any) -> Any:
            raise AssertionError(chosen)

    recipes = np.array([0, 2]), np.array([0, 1]), len(SMALL_VOCABULARY)
    voters, known = Voters(*recipes, 1.0), RecipeIndex(*recipes)
    ranker = Ranker(SMALL_VOCABULARY, FakeEngine(), voters, known, weight=0.0)
    [answer] = Suggester(ranker, version="test").answer([Request(("milk",))])
    assert answer.suggestions
