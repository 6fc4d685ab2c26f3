"""A body that nests arrays or objects has an answer at every depth, with any stack left."""

from __future__ import annotations

import json
import sys
from itertools import chain
from typing import TYPE_CHECKING, Final

import pytest

from functions.api.dependencies import MAX_NESTING
from tests.unit.functions.conftest import Api, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

JSON: Final = {"Content-Type": "application/json"}
LONGEST: Final = 20_000


def arrays(depth: int) -> str:
    return "[" * depth + "]" * depth


def objects(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def first_failure(nested: Callable[[int], str]) -> int:
    """Return the least depth at which Python's parser gives up in this interpreter."""
    low, high = 1, LONGEST
    while low < high:
        middle = (low + high) // 2
        try:
            json.loads(nested(middle))
        except RecursionError:
            high = middle
        else:
            low = middle + 1
    return low


def depths(nested: Callable[[int], str]) -> Iterable[int]:
    """Return depths up to the longest, and each one near the limits of the API and of Python.

    The parser has less stack in a request than in this test.
    """
    limit = first_failure(nested)
    near = range(max(1, limit - 70), min(limit + 5, LONGEST))
    return chain(range(1, MAX_NESTING + 3), range(50, LONGEST, 2000), near, [LONGEST])


@pytest.mark.parametrize("nested", [arrays, objects])
@pytest.mark.parametrize(
    ("path", "field"),
    [("/api/process", ""), ("/api/process", "exclude"), ("/api/documents", "bytes")],
)
def test_a_nested_body_is_refused_at_every_depth(
    api: Api, path: str, nested: Callable[[int], str], field: str
) -> None:
    for depth in depths(nested):
        content = f'{{"{field}": {nested(depth)}}}' if field else nested(depth)
        response = api.http.post(path, content=content, headers=JSON)
        assert response.status_code in (202, 400, 422), (depth, sys.version)
    assert (response.status_code, problem_of(response)) == (400, "malformed")


def test_a_body_that_nests_too_deeply_is_malformed(api: Api) -> None:
    """The detail says so, whatever the parser of this interpreter can do."""
    for depth in (MAX_NESTING, MAX_NESTING + 1, 900, LONGEST):
        response = api.http.post("/api/process", content=arrays(depth), headers=JSON)
        detail = response.json()["detail"]
        if depth == MAX_NESTING:
            assert response.status_code == 422
        else:
            assert (response.status_code, problem_of(response)) == (400, "malformed")
            assert detail == f"The body has arrays or objects in more than {MAX_NESTING} levels."
