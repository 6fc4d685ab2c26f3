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
def test_a_request_comes_back_from_json_as_it_was(request_: Request) -> None:
    """Writing and reading give an equal request, with or without defaults."""
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
def test_what_another_version_wrote_is_refused(fields: dict[str, Any]) -> None:
    """Unknown fields and wrong types are an error, not a crash further on."""
    with pytest.raises(RequestInvalid):
        Request.from_json(fields)


def test_an_answer_is_written_as_names_and_numbers() -> None:
    """What is added, and each suggestion with its probability under its name."""
    answer = Answer(("milk",), (Suggestion("milk", 0.75), Suggestion("water", 0.25)))
    assert json.loads(json.dumps(answer.to_json())) == {
        "added": ["milk"],
        "suggestions": [
            {"ingredient": "milk", "probability": 0.75},
            {"ingredient": "water", "probability": 0.25},
        ],
    }
