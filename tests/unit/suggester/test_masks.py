"""The masks: which ingredients may be suggested for a drink."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggester.errors import MaskEmpty, RequestInvalid
from suggester.masks import Masks, probabilities_within
from suggester.requests import Request
from tests.fakes import SMALL_VOCABULARY as VOCABULARY

MASKS = Masks(VOCABULARY)
IDS = st.lists(st.sampled_from(sorted(VOCABULARY.index)), max_size=6).map(tuple)
EXCLUSIONS = st.lists(st.sampled_from([*VOCABULARY.index, *VOCABULARY.groups]), max_size=6)
REQUESTS = st.builds(Request, ingredients=IDS, exclude=EXCLUSIONS.map(tuple), only=st.none() | IDS)


@given(st.lists(REQUESTS, min_size=1, max_size=5))
def test_the_vectorised_mask_equals_the_rule_on_sets(requests: list[Request]) -> None:
    """A row is the base or additive list without `ingredients` and `exclude`, within `only`."""
    rows = MASKS.candidates(*MASKS.encode(requests))
    for request, row in zip(requests, rows, strict=True):
        ids = {VOCABULARY.ingredients[column].id for column in np.flatnonzero(row)}
        expected = VOCABULARY.candidates(request.ingredients, request.exclude, request.only)
        assert ids == expected


def test_an_empty_drink_takes_a_base_and_any_other_an_additive() -> None:
    """The list depends on whether the drink is empty."""
    assert VOCABULARY.candidates(()) == {"milk", "water", "orange-juice"}
    assert VOCABULARY.candidates(["milk"]) == {"orange-juice", "strawberry", "sugar", "ginger"}


def test_probabilities_lie_inside_the_mask_and_add_up_to_one() -> None:
    """Masked ingredients have probability 0, and the others are proportional to their weights."""
    weights = np.array([[1.0, 3.0, 50.0], [0.1, 0.1, 0.1]], dtype=np.float32)
    mask = np.array([[True, True, False], [False, True, True]])
    expected = [[0.25, 0.75, 0], [0, 0.5, 0.5]]
    np.testing.assert_allclose(probabilities_within(mask, weights), expected, atol=1e-6)


def test_the_smallest_weights_give_probabilities() -> None:
    """Probabilities add up to 1 even if every weight is the smallest positive number."""
    weights = np.full((1, 300), np.finfo(np.float32).tiny)
    mask = np.ones((1, 300), np.bool_)
    np.testing.assert_allclose(probabilities_within(mask, weights), 1 / 300, rtol=1e-5)


def test_an_empty_row_is_an_error() -> None:
    """A row that allows nothing raises an error instead of giving NaN."""
    with pytest.raises(MaskEmpty):
        probabilities_within(np.zeros((1, 2), np.bool_), np.ones((1, 2), np.float32))


def test_an_id_outside_the_vocabulary_is_an_error() -> None:
    """A drink with an unknown id is rejected."""
    with pytest.raises(RequestInvalid):
        MASKS.multi_hot([["gin"]])
