"""An answer depends on its request alone, whatever else is in the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suggester.artifacts import Artifacts
from suggester.requests import Answer, Request
from suggester.suggester import MAX_REQUESTS, Suggester
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
    """Compare two answers; suggestions with almost equal probabilities may change places."""
    assert len(found.suggestions) == len(expected.suggestions)
    for one, other in zip(found.suggestions, expected.suggestions, strict=True):
        assert one.probability == pytest.approx(other.probability, abs=TOLERANCE)
        if one.ingredient != other.ingredient:
            assert one.probability == pytest.approx(other.probability, abs=TIE)


@settings(deadline=None, max_examples=50)
@given(st.lists(REQUESTS, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_an_answer_does_not_depend_on_its_batch(requests: list[Request], random: Random) -> None:
    """A drink gets the same answer alone, in a batch and in a shuffled batch."""
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
    """A drink is a set of ingredients."""
    names = list(request_.ingredients)
    random.shuffle(names)
    other = Request(tuple(names), request_.kind, request_.top_k, request_.length, request_.exclude)
    assert SHIPPED.answer([other]) == SHIPPED.answer([request_])


@settings(deadline=None, max_examples=50)
@given(st.lists(REQUESTS, min_size=1, max_size=20))
def test_suggestions_are_sorted_distinct_and_inside_the_mask(requests: list[Request]) -> None:
    """The kind `next` returns as many suggestions as requested, or all that the mask allows."""
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
def test_equal_probabilities_keep_the_order_of_the_vocabulary(size: int) -> None:
    """If all logits are equal, suggestions follow the vocabulary in a batch of any size."""

    class ConstantEngine(FakeEngine):
        def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
            return super().logits(drinks) * 0

    requests = [Request(("milk",), top_k=1 + row % 4) for row in range(size)]
    answers = small_suggester(ConstantEngine()).answer(requests)
    additives = [entry.id for entry in SMALL_VOCABULARY.ingredients if entry.additive]
    for request, answer in zip(requests, answers, strict=True):
        assert [name for name, _ in answer.suggestions] == additives[: request.top_k]


def test_a_batch_of_several_passes_is_answered_in_order() -> None:
    """Each request gets the answer that it gets alone, whatever its kind and its pass."""
    kinds = ("next", "complete", "next")
    requests = [
        Request(("milk",), kinds[row % 3], length=3, only=("sugar", "ginger")[row % 2 :])
        for row in range(2 * MAX_REQUESTS + 7)
    ]
    suggester = small_suggester()
    alone = {request: suggester.answer([request])[0] for request in set(requests)}
    assert suggester.answer(requests) == [alone[request] for request in requests]


def test_an_empty_batch_has_no_answers() -> None:
    """No requests give no answers."""
    assert small_suggester().answer([]) == []


REQUESTS_WITH_ONLY = st.builds(
    Request,
    st.lists(st.sampled_from(sorted(SMALL_VOCABULARY.index)), max_size=3).map(tuple),
    st.sampled_from(["next", "complete"]),
    length=st.just(6),
    exclude=st.lists(st.sampled_from(sorted(SMALL_VOCABULARY.index)), max_size=6).map(tuple),
    only=st.none() | st.lists(st.sampled_from(sorted(SMALL_VOCABULARY.index))).map(tuple),
)


@settings(deadline=None)
@given(st.lists(REQUESTS_WITH_ONLY, max_size=8))
def test_unanswerable_requests_are_those_without_candidates(requests: list[Request]) -> None:
    """The indices are those of the requests whose masks leave no ingredient."""
    expected = {
        row
        for row, request in enumerate(requests)
        if not SMALL_VOCABULARY.candidates(request.ingredients, request.exclude, request.only)
    }
    assert small_suggester().find_unanswerable(requests) == expected


@settings(deadline=None)
@given(st.lists(REQUESTS_WITH_ONLY, min_size=1, max_size=8))
def test_the_other_requests_can_be_answered(requests: list[Request]) -> None:
    """A batch without its unanswerable requests is answered."""
    suggester = small_suggester()
    unanswerable = suggester.find_unanswerable(requests)
    others = [request for row, request in enumerate(requests) if row not in unanswerable]
    assert all(answer.added for answer in suggester.answer(others))
