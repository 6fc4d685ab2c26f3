"""Whatever is sent, the answer is a problem below 500, and nothing is written."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.functions.conftest import Api, problem_of

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON_HEADER = {"Content-Type": "application/json"}
BAD_BODIES: dict[str, Any] = {
    "a number": 7,
    "a string": "milk",
    "an empty array": [],
    "101 entries": [{}] * 101,
    "an array of strings": ["milk"],
    "null": None,
    "an unknown field": {"colour": "red"},
    "a field with the name of a tag": {"one": 1},
    "33 names": {"ingredients": ["milk"] * 33},
    "a name that is a number": {"ingredients": [1]},
    "a name that is empty": {"ingredients": [" "]},
    "a name that is long": {"ingredients": ["m" * 65]},
    "a control character": {"ingredients": ["mi\u0000lk"]},
    "a line separator": {"ingredients": ["mi\u2028lk"]},
    "a lone surrogate": {"ingredients": ["\ud800"]},
    "names that are no list": {"ingredients": "milk"},
    "an unknown kind": {"kind": "stir"},
    "a kind with a newline": {"kind": "next\n"},
    "top_k of 0": {"top_k": 0},
    "top_k of 21": {"top_k": 21},
    "top_k that is a string": {"top_k": "5"},
    "top_k that is true": {"top_k": True},
    "top_k that is a fraction": {"top_k": 1.5},
    "top_k beyond 64 bits": {"top_k": 10**30},
    "an unknown priority": {"priority": "urgent"},
    "no time": {"deadline_seconds": 0},
    "more time than there is": {"deadline_seconds": 901},
    "length no greater than the drink": {
        "kind": "complete",
        "length": 2,
        "ingredients": ["milk", "sugar"],
    },
    "nothing in the pantry": {"ingredients": ["milk"], "only": []},
    "everything excluded": {"exclude": ["milk", "water", "orange juice"]},
    "501 names excluded": {"exclude": ["sugar"] * 501},
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_value_is_422_and_changes_nothing(api: Api, body: Any) -> None:
    """Each says in a sentence what is wrong."""
    answer = api.http.post("/api/process", content=json.dumps(body), headers=JSON_HEADER)
    assert answer.status_code == 422, answer.text
    assert problem_of(answer) in ("invalid", "nothing-to-suggest")
    assert api.is_untouched()


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"not json",
        b"\xff\xfe",
        b'{"ingredients": ["milk]}',
        b"[" * 100_000,
        b'{"a":' * 20_000,
    ],
)
def test_what_is_no_json_is_400(api: Api, content: bytes) -> None:
    """Broken JSON, broken UTF-8 and nesting without end are malformed."""
    answer = api.http.post("/api/process", content=content, headers=JSON_HEADER)
    assert answer.status_code == 400
    assert problem_of(answer) == "malformed"
    assert api.is_untouched()


def test_a_body_that_is_not_called_json_is_415(api: Api) -> None:
    """What curl sends without a header is met with the header that it lacks."""
    answer = api.http.post("/api/process", data={"ingredients": "milk"})
    assert answer.status_code == 415
    assert problem_of(answer) == "unsupported-media-type"
    assert "Content-Type: application/json" in answer.json()["detail"]
    assert api.is_untouched()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_2_mb_is_413(api: Api, chunked: bool) -> None:  # noqa: FBT001
    """The size is what was sent, whether a header announced it or not."""
    body = json.dumps({"ingredients": ["m" * 2_000_000]}).encode()

    def chunks() -> Iterator[bytes]:
        yield from (body[start : start + 65_536] for start in range(0, len(body), 65_536))

    content = chunks() if chunked else body
    answer = api.http.post("/api/process", content=content, headers=JSON_HEADER)
    assert answer.status_code == 413
    assert problem_of(answer) == "too-large"
    assert api.is_untouched()


@pytest.mark.parametrize("content_type", ["text/x+json", "application+json", "json"])
def test_only_what_is_parsed_as_json_may_be_called_so(api: Api, content_type: str) -> None:
    """A media type that is nearly JSON's is refused as such, not as a bad value."""
    headers = {"Content-Type": content_type}
    answer = api.http.post("/api/process", content="{}", headers=headers)
    assert problem_of(answer) == "unsupported-media-type"
    headers = {"Content-Type": "Application/LD+JSON; charset=utf-8"}
    assert api.http.post("/api/process", content="{}", headers=headers).status_code == 202


@pytest.mark.parametrize("sent", [b"", b"{}"])
def test_a_request_that_was_cut_short_is_not_carried_out(api: Api, sent: bytes) -> None:
    """A caller that leaves in the middle of a body has asked for nothing."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": sent, "more_body": True},
        {"type": "http.disconnect"},
    ]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/process",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"500")],
    }

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(_: Any) -> None:
        pass

    asyncio.run(api.http.app(scope, receive, send))  # type: ignore[arg-type]
    assert api.is_untouched()


def test_two_drinks_in_one_request_are_400(api: Api) -> None:
    """A query and a body together leave it open which is meant."""
    answer = api.http.post(
        "/api/process", params={"ingredients_joined": "milk"}, json={"ingredients": ["water"]}
    )
    assert answer.status_code == 400
    assert problem_of(answer) == "ambiguous"
    assert api.is_untouched()


@pytest.mark.parametrize(
    "query",
    [
        {"ingredients_joined": ";".join(["milk"] * 33)},
        {"ingredients_joined": "m" * 65},
        {"ingredients_joined": "mi\x00lk"},
        {"ingredients_joined": "milk", "ignore_unknown": "perhaps"},
        {"ingredient_joined": "milk"},
        {"ingredients_joined": "milk", "top_k": "3"},
        {"ingredients_joined": ["milk", "sugar"]},
    ],
)
def test_a_bad_query_is_422_and_changes_nothing(api: Api, query: dict[str, Any]) -> None:
    """The query form is held to the rules of the body."""
    answer = api.http.post("/api/process", params=query)
    assert answer.status_code == 422
    assert problem_of(answer) == "invalid"
    assert api.is_untouched()


def test_unknown_paths_and_methods_are_problems(api: Api) -> None:
    """404 and 405 speak the same language as every other error."""
    assert problem_of(api.http.get("/api/nothing")) == "not-found"
    assert problem_of(api.http.get("/page/nothing.js")) == "not-found"
    answer = api.http.put("/api/process")
    assert problem_of(answer) == "method-not-allowed"
    assert "POST" in answer.headers["allow"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = st.sampled_from(
    ["ingredients", "kind", "top_k", "length", "exclude", "only", "priority", "deadline_seconds"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    ANY_JSON
    | st.dictionaries(FIELDS, ANY_JSON, min_size=1)
    | st.lists(st.dictionaries(FIELDS, ANY_JSON))
)
def test_no_json_is_a_fault_of_ours(api: Api, body: Any) -> None:
    """Any JSON at all is taken or refused as the caller's, never answered 500."""
    answer = api.http.post("/api/process", content=json.dumps(body), headers=JSON_HEADER)
    assert answer.status_code == 202 or 400 <= answer.status_code < 500
