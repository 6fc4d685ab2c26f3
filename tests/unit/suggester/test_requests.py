from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggester.errors import RequestInvalid
from suggester.requests import Request

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
