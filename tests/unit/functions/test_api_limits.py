"""What is too large is refused early, by its own status, with a sentence on what to do."""

from __future__ import annotations

from typing import Any

import pytest

from functions.api.middleware import MAX_HEADERS, MAX_URL
from tests.unit.functions.conftest import Api, problem_of


def test_headers_above_10_kib_are_431(api: Api) -> None:
    """It is their sum that counts: one long header, or many short ones."""
    one = {"X-Long": "a" * MAX_HEADERS}
    many = {f"X-Short-{number}": "a" * 100 for number in range(100)}
    for headers in (one, many):
        answer = api.http.post("/api/process", headers=headers)
        assert answer.status_code == 431
        assert problem_of(answer) == "headers-too-large"
        assert "remove those" in answer.json()["detail"]
    assert api.is_untouched()


def test_headers_below_10_kib_are_taken(api: Api) -> None:
    """What a browser or a proxy adds does no harm."""
    headers = {"Cookie": "a" * (MAX_HEADERS - 1024)}
    assert api.http.post("/api/process", headers=headers).status_code == 202


@pytest.mark.parametrize(
    "target", [f"/api/ingredients?q={'m' * MAX_URL}", f"/{'m' * MAX_URL}", f"/?{'a&' * MAX_URL}"]
)
def test_a_url_above_8_kib_is_414(api: Api, target: str) -> None:
    """Path and query count together, whatever is asked for."""
    answer = api.http.get(target)
    assert answer.status_code == 414
    assert problem_of(answer) == "uri-too-long"
    assert "JSON body" in answer.json()["detail"]


def test_the_longest_drink_fits_into_a_url(api: Api) -> None:
    """32 names of 64 letters are refused as unknown, not as too long."""
    names = ";".join(f"{number:064}" for number in range(32))
    answer = api.http.post("/api/process", params={"ingredients_joined": names})
    assert problem_of(answer) == "unknown-ingredient"


def test_an_idempotency_key_has_at_most_255_characters(api: Api) -> None:
    """A longer one is refused and not cut, which could make two keys one."""
    answer = api.http.post("/api/process", headers={"Idempotency-Key": "k" * 256})
    assert answer.status_code == 422
    assert problem_of(answer) == "invalid"
    assert "header.idempotency-key" in answer.json()["detail"]
    assert api.is_untouched()
    answer = api.http.post("/api/process", headers={"Idempotency-Key": "k" * 255})
    assert answer.status_code == 202


@pytest.mark.parametrize("field", ["top_k", "length", "deadline_seconds"])
def test_a_whole_number_is_an_integer_however_it_is_written(api: Api, field: str) -> None:
    """JSON has numbers only: 5.0 is 5; a string, a truth value and a fraction are refused."""
    assert api.http.post("/api/process", json={field: 5.0}).status_code == 202
    assert api.queue.messages
    refused: list[Any] = ["5", True, 5.5, [5]]
    for value in refused:
        answer = api.http.post("/api/process", json={field: value})
        assert answer.status_code == 422, value
        assert problem_of(answer) == "invalid"


@pytest.mark.parametrize("target", ["/api/ingredients?limt=5", "/api/ingredients?q=a&q=b"])
def test_a_query_that_would_be_misread_is_refused(api: Api, target: str) -> None:
    """A name that is not known and one that is given twice are said, not passed over."""
    answer = api.http.get(target)
    assert answer.status_code == 422
    assert problem_of(answer) == "invalid"


def test_the_description_says_that_a_key_may_be_missing(api: Api) -> None:
    """Where there is no gateway, none is asked for; a generated client must not insist on it."""
    described = api.http.get("/openapi.json").json()
    call = described["paths"]["/api/process"]["post"]
    assert call["security"] == [{}, {"APIKeyHeader": []}]
    assert {"403", "414", "429", "431", "503"} <= set(call["responses"])
    problem = call["responses"]["422"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Problem"}
    assert "Problem" in described["components"]["schemas"]


@pytest.mark.parametrize("path", ["/api/queue", "/api/result/x", "/api/nowhere"])
def test_no_cache_keeps_what_the_api_answers(api: Api, path: str) -> None:
    """Answers and problems depend on the key, the language and the second."""
    headers = api.http.get(path).headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_a_field_that_stands_twice_is_refused(api: Api) -> None:
    """One of two exclusions would be overlooked."""
    body = '{"ingredients": ["milk"], "exclude": ["sugar"], "exclude": ["ginger"]}'
    headers = {"Content-Type": "application/json"}
    answer = api.http.post("/api/process", content=body, headers=headers)
    assert (answer.status_code, problem_of(answer)) == (400, "malformed")
    assert "twice" in answer.json()["detail"]
    assert api.is_untouched()


def test_an_empty_idempotency_key_is_refused(api: Api) -> None:
    """It would protect nothing, and its sender believes otherwise."""
    answer = api.http.post("/api/process", headers={"Idempotency-Key": ""})
    assert (answer.status_code, problem_of(answer)) == (422, "invalid")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (["milk"], "as an object"),
        ({"colour": "red"}, "no such field"),
        ({"priority": "urgent"}, "one of interactive, bulk"),
        ({"kind": "mix"}, "one of next, complete"),
        ({"exclude": ["strawbery"]}, "lists names."),
    ],
)
def test_an_error_speaks_the_caller_s_language(api: Api, body: Any, says: str) -> None:
    """No pattern, no class of Python and no advice that cannot work."""
    detail = api.http.post("/api/process?ignore_unknown=true", json=body).json()["detail"]
    assert says in detail
    assert "Lane" not in detail
    assert "^" not in detail
