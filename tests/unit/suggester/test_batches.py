"""An answer depends on its request alone, whatever else is in the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suggester.artifacts import Artifacts
from suggester.requests import Answer, Request
from suggester.suggester import AT_ONCE, Suggester
from tests.fakes import SMALL_VOCABULARY, FakeEngine, small_suggester

if TYPE_CHECKING:
    from random import Random

    import numpy as np
    from numpy.typing import NDArray

SHIPPED = Suggester.load(Artifacts.open(), "litert")
NAMES = st.lists(st.sampled_from(sorted(SHIPPED.vocabulary.index)), max_size=8, unique=True)
REQUESTS = st.builds(
    Request,
    NAMES.map(tuple),
    st.sampled_from(["next", "complete"]),
    st.integers(1, 20),
    st.integers(9, 11),
    exclude=NAMES.map(tuple),
)
TOLERANCE = 1e-5
TIE = 1e-6


def assert_same(found: Answer, expected: Answer) -> None:
    """Compare names in their order, but for neighbours that are as good as equal."""
    assert len(found.suggestions) == len(expected.suggestions)
    for one, other in zip(found.suggestions, expected.suggestions, strict=True):
        assert one.probability == pytest.approx(other.probability, abs=TOLERANCE)
        if one.ingredient != other.ingredient:
            assert one.probability == pytest.approx(other.probability, abs=TIE)


@settings(deadline=None, max_examples=50)
@given(st.lists(REQUESTS, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_an_answer_depends_on_nothing_else_in_its_batch(
    requests: list[Request], random: Random
) -> None:
    """Each drink is answered alone as among others, in whatever order they come."""
    together = SHIPPED.answer(requests)
    order = list(range(len(requests)))
    random.shuffle(order)
    shuffled = SHIPPED.answer([requests[row] for row in order])
    for place, row in enumerate(order):
        assert_same(shuffled[place], together[row])
    for request, answer in list(zip(requests, together, strict=True))[:5]:
        assert_same(SHIPPED.answer([request])[0], answer)


@settings(deadline=None, max_examples=50)
@given(REQUESTS, st.randoms(use_true_random=False))
def test_an_answer_does_not_depend_on_the_order_of_ingredients(
    request_: Request, random: Random
) -> None:
    """A drink is a set."""
    names = list(request_.ingredients)
    random.shuffle(names)
    other = Request(tuple(names), request_.kind, request_.top_k, request_.length, request_.exclude)
    assert SHIPPED.answer([other]) == SHIPPED.answer([request_])


@settings(deadline=None, max_examples=50)
@given(st.lists(REQUESTS, min_size=1, max_size=20))
def test_suggestions_are_numbers_that_the_masks_allow(requests: list[Request]) -> None:
    """Best first, none twice, none outside the request's own mask, none that is no number."""
    for request, answer in zip(requests, SHIPPED.answer(requests), strict=True):
        if request.kind == "complete":
            continue
        names = [name for name, _ in answer.suggestions]
        values = [value for _, value in answer.suggestions]
        allowed = SHIPPED.vocabulary.candidates(request.ingredients, request.exclude)
        assert set(names) <= allowed
        assert len(names) == len(set(names)) == min(request.top_k, len(allowed))
        assert values == sorted(values, reverse=True)
        assert 0 < sum(values) <= 1 + TOLERANCE


@pytest.mark.parametrize("size", [1, 2, 33])
def test_equals_come_in_the_order_of_the_columns(size: int) -> None:
    """Where the network has no preference, the vocabulary's order decides, at every size."""

    class Indifferent(FakeEngine):
        def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
            return super().logits(drinks) * 0

    requests = [Request(("milk",), top_k=1 + row % 4) for row in range(size)]
    answers = small_suggester(Indifferent()).answer(requests)
    additives = [entry.id for entry in SMALL_VOCABULARY.ingredients if entry.additive]
    for request, answer in zip(requests, answers, strict=True):
        assert [name for name, _ in answer.suggestions] == additives[: request.top_k]


def test_a_large_batch_is_answered_whole_and_in_order() -> None:
    """More requests than go into one pass come back complete, each kind in its places."""
    kinds = ("next", "complete", "next")
    requests = [
        Request(("milk",), kinds[row % 3], length=3, only=("sugar", "ginger")[row % 2 :])
        for row in range(2 * AT_ONCE + 7)
    ]
    suggester = small_suggester()
    alone = {request: suggester.answer([request])[0] for request in set(requests)}
    assert suggester.answer(requests) == [alone[request] for request in requests]


def test_nothing_asked_is_nothing_answered() -> None:
    """An empty batch has no answers."""
    assert small_suggester().answer([]) == []
