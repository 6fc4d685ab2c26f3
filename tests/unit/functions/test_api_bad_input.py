"""Bad input is answered with a problem below 500, and nothing is written."""

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
    "an unknown field named like a union tag": {"one": 1},
    "33 names": {"ingredients": ["milk"] * 33},
    "a number as a name": {"ingredients": [1]},
    "an empty name": {"ingredients": [" "]},
    "a long name": {"ingredients": ["m" * 65]},
    "a control character": {"ingredients": ["mi\u0000lk"]},
    "a line separator": {"ingredients": ["mi\u2028lk"]},
    "a lone surrogate": {"ingredients": ["\ud800"]},
    "a string instead of a list of names": {"ingredients": "milk"},
    "an unknown kind": {"kind": "stir"},
    "a kind with a newline": {"kind": "next\n"},
    "top_k of 0": {"top_k": 0},
    "top_k of 21": {"top_k": 21},
    "top_k as a string": {"top_k": "5"},
    "top_k as a boolean": {"top_k": True},
    "top_k as a fraction": {"top_k": 1.5},
    "top_k beyond 64 bits": {"top_k": 10**30},
    "an unknown priority": {"priority": "urgent"},
    "a deadline of 0 seconds": {"deadline_seconds": 0},
    "a deadline above the limit": {"deadline_seconds": 901},
    "a length that the drink already has": {
        "kind": "complete",
        "length": 2,
        "ingredients": ["milk", "sugar"],
    },
    "an empty only": {"ingredients": ["milk"], "only": []},
    "everything excluded": {"exclude": ["milk", "water", "orange juice"]},
    "501 names excluded": {"exclude": ["sugar"] * 501},
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_is_422_and_writes_nothing(api: Api, body: Any) -> None:
    response = api.http.post("/api/process", content=json.dumps(body), headers=JSON_HEADER)
    assert response.status_code == 422, response.text
    assert problem_of(response) in ("invalid", "nothing-to-suggest")
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
def test_a_malformed_body_is_400(api: Api, content: bytes) -> None:
    """Malformed means broken JSON, broken UTF-8 or very deep nesting."""
    response = api.http.post("/api/process", content=content, headers=JSON_HEADER)
    assert response.status_code == 400
    assert problem_of(response) == "malformed"
    assert api.is_untouched()


def test_fastapi_parses_no_body(api: Api) -> None:
    """The API parses bodies itself, because FastAPI accepts repeated fields."""
    app: Any = api.http.app
    assert [route.path for route in app.state.calls if route.body_field is not None] == []


def test_a_form_is_415(api: Api) -> None:
    """The detail names the missing header."""
    response = api.http.post("/api/process", data={"ingredients": "milk"})
    assert response.status_code == 415
    assert problem_of(response) == "unsupported-media-type"
    assert "Content-Type: application/json" in response.json()["detail"]
    assert api.is_untouched()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_2_mb_is_413(api: Api, chunked: bool) -> None:  # noqa: FBT001
    """A body in chunks has no Content-Length header."""
    body = json.dumps({"ingredients": ["m" * 2_000_000]}).encode()

    def chunks() -> Iterator[bytes]:
        yield from (body[start : start + 65_536] for start in range(0, len(body), 65_536))

    content = chunks() if chunked else body
    response = api.http.post("/api/process", content=content, headers=JSON_HEADER)
    assert response.status_code == 413
    assert problem_of(response) == "too-large"
    assert api.is_untouched()


@pytest.mark.parametrize("content_type", ["text/x+json", "application+json", "json"])
def test_a_media_type_that_only_resembles_json_is_415(api: Api, content_type: str) -> None:
    """`application/json` and types with the suffix `+json` are accepted, in any case."""
    headers = {"Content-Type": content_type}
    response = api.http.post("/api/process", content="{}", headers=headers)
    assert problem_of(response) == "unsupported-media-type"
    headers = {"Content-Type": "Application/LD+JSON; charset=utf-8"}
    assert api.http.post("/api/process", content="{}", headers=headers).status_code == 202


@pytest.mark.parametrize("sent", [b"", b"{}"])
def test_a_request_whose_caller_disconnects_has_no_effect(api: Api, sent: bytes) -> None:
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


def test_a_drink_in_the_query_and_another_in_the_body_are_400(api: Api) -> None:
    response = api.http.post(
        "/api/process", params={"ingredients_joined": "milk"}, json={"ingredients": ["water"]}
    )
    assert response.status_code == 400
    assert problem_of(response) == "ambiguous"
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
def test_a_bad_query_is_422_and_writes_nothing(api: Api, query: dict[str, Any]) -> None:
    """The rules of the body apply to the query too."""
    response = api.http.post("/api/process", params=query)
    assert response.status_code == 422
    assert problem_of(response) == "invalid"
    assert api.is_untouched()


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        ("documents", {"bytes": 1.5}, "body.bytes: must be a whole number."),
        ("documents", {"bytes": 0}, "body.bytes: must be at least 1."),
        ("documents", {}, "body.bytes: is missing."),
        ("documents", {"bytes": 1, "x": 1}, "body.x: there is no such field here."),
        ("documents", {"bytes": 1, "format": "csv"}, "body.format: must be 'jsonl' or 'text'."),
        ("documents", {"bytes": 1, "sha256": 5}, "body.sha256: must be a text."),
        ("documents", {"bytes": 1, "sha256": "5"}, "body.sha256: must match ^[0-9a-f]{64}$."),
        ("documents", [], "body: send a JSON object."),
        ("ingredients?limit=many", None, "query.limit: must be a whole number."),
        ("ingredients?limit=1001", None, "query.limit: must be at most 1000."),
        (f"ingredients?q={'a' * 65}", None, "query.q: must have at most 64 characters."),
        ("process?ignore_unknown=x", {}, "query.ignore_unknown: must be true or false."),
    ],
)
def test_the_sentence_about_a_bad_value_says_what_is_allowed(
    api: Api, path: str, body: Any, detail: str
) -> None:
    method = "GET" if body is None else "POST"
    response = api.http.request(method, f"/api/{path}", json=body)
    assert (response.status_code, response.json()["detail"]) == (422, detail)


def test_an_empty_idempotency_key_is_refused_with_a_sentence(api: Api) -> None:
    response = api.http.post("/api/process", json={}, headers={"Idempotency-Key": ""})
    assert response.json()["detail"] == "header.idempotency-key: must not be empty."


def test_unknown_paths_and_methods_are_problems(api: Api) -> None:
    """The types are `not-found` and `method-not-allowed`."""
    assert problem_of(api.http.get("/api/nothing")) == "not-found"
    assert problem_of(api.http.get("/page/nothing.js")) == "not-found"
    response = api.http.put("/api/process")
    assert problem_of(response) == "method-not-allowed"
    assert "POST" in response.headers["allow"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "ingredients",
        "kind",
        "top_k",
        "length",
        "novelty",
        "exclude",
        "only",
        "priority",
        "deadline_seconds",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    ANY_JSON
    | st.dictionaries(FIELDS, ANY_JSON, min_size=1)
    | st.lists(st.dictionaries(FIELDS, ANY_JSON))
)
def test_no_json_body_causes_a_server_error(api: Api, body: Any) -> None:
    """Every body is either accepted or rejected as the caller's error."""
    response = api.http.post("/api/process", content=json.dumps(body), headers=JSON_HEADER)
    assert response.status_code == 202 or 400 <= response.status_code < 500
