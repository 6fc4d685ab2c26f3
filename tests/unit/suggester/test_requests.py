import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggester.errors import RequestInvalid
from suggester.requests import Answer, Request, Suggestion

NAMES = st.lists(st.text()).map(tuple)
NUMBERS = st.integers(1, 32)
REQUESTS = st.builds(
    Request, NAMES, st.text(), NUMBERS, NUMBERS, exclude=NAMES, only=st.none() | NAMES
)


@given(REQUESTS)
def test_a_request_read_from_its_json_is_equal(request_: Request) -> None:
    written = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in request_.to_json().items()
    }
    assert Request.from_json(written) == request_


@pytest.mark.parametrize(
    "fields",
    [
        {"ingredients": 1},
        {"ingredients": [1]},
        {"exclude": None},
        {"top_k": "5"},
        {"top_k": 0},
        {"length": True},
        {"kind": None},
        {"colour": "red"},
    ],
)
def test_unknown_fields_and_wrong_types_are_rejected(fields: dict[str, Any]) -> None:
    """Another version may have written them."""
    with pytest.raises(RequestInvalid):
        Request.from_json(fields)


def test_an_answer_is_written_as_json() -> None:
    """The JSON has the added ids, and a probability for each suggestion."""
    answer = Answer(("milk",), (Suggestion("milk", 0.75), Suggestion("water", 0.25)))
    assert json.loads(json.dumps(answer.to_json())) == {
        "added": ["milk"],
        "suggestions": [
            {"ingredient": "milk", "probability": 0.75},
            {"ingredient": "water", "probability": 0.25},
        ],
    }
