"""The limits of requests, and details that tell the caller what to do."""

from __future__ import annotations

from typing import Any

import pytest

from functions.api.middleware import MAX_HEADERS, MAX_URL
from tests.unit.functions.conftest import Api, problem_of


def test_headers_above_10_kib_are_431(api: Api) -> None:
    """All headers count together: one long header or many short ones."""
    one = {"X-Long": "a" * MAX_HEADERS}
    many = {f"X-Short-{number}": "a" * 100 for number in range(100)}
    for headers in (one, many):
        response = api.http.post("/api/process", headers=headers)
        assert response.status_code == 431
        assert problem_of(response) == "headers-too-large"
        assert "remove those" in response.json()["detail"]
    assert api.is_untouched()


def test_headers_below_10_kib_are_accepted(api: Api) -> None:
    headers = {"Cookie": "a" * (MAX_HEADERS - 1024)}
    assert api.http.post("/api/process", headers=headers).status_code == 202


@pytest.mark.parametrize(
    "target", [f"/api/ingredients?q={'m' * MAX_URL}", f"/{'m' * MAX_URL}", f"/?{'a&' * MAX_URL}"]
)
def test_a_url_above_8_kib_is_414(api: Api, target: str) -> None:
    """The path and the query count together."""
    response = api.http.get(target)
    assert response.status_code == 414
    assert problem_of(response) == "uri-too-long"
    assert "JSON body" in response.json()["detail"]


def test_the_longest_allowed_drink_fits_into_a_url(api: Api) -> None:
    """32 names of 64 letters are rejected as unknown, not as too long."""
    names = ";".join(f"{number:064}" for number in range(32))
    response = api.http.post("/api/process", params={"ingredients_joined": names})
    assert problem_of(response) == "unknown-ingredient"


def test_an_idempotency_key_has_at_most_255_characters(api: Api) -> None:
    """A longer one is rejected, because cutting it could make two keys equal."""
    response = api.http.post("/api/process", headers={"Idempotency-Key": "k" * 256})
    assert response.status_code == 422
    assert problem_of(response) == "invalid"
    assert "header.idempotency-key" in response.json()["detail"]
    assert api.is_untouched()
    response = api.http.post("/api/process", headers={"Idempotency-Key": "k" * 255})
    assert response.status_code == 202


@pytest.mark.parametrize("field", ["top_k", "length", "deadline_seconds"])
def test_an_integer_may_be_written_with_a_decimal_point(api: Api, field: str) -> None:
    """5.0 is accepted; strings, booleans, fractions and arrays are rejected."""
    kind = "complete" if field == "length" else "next"
    body = {"kind": kind, field: 5.0}
    assert api.http.post("/api/process", json=body).status_code == 202
    assert api.queue.messages
    rejected: list[Any] = ["5", True, 5.5, [5]]
    for value in rejected:
        response = api.http.post("/api/process", json={"kind": kind, field: value})
        assert response.status_code == 422, value
        assert problem_of(response) == "invalid"


@pytest.mark.parametrize("target", ["/api/ingredients?limt=5", "/api/ingredients?q=a&q=b"])
def test_an_unknown_or_repeated_query_parameter_is_rejected(api: Api, target: str) -> None:
    response = api.http.get(target)
    assert response.status_code == 422
    assert problem_of(response) == "invalid"


def test_the_openapi_document_has_an_optional_api_key_and_all_problems(api: Api) -> None:
    """A deployment without API Gateway needs no key."""
    openapi = api.http.get("/openapi.json").json()
    call = openapi["paths"]["/api/process"]["post"]
    assert call["security"] == [{}, {"APIKeyHeader": []}]
    assert {"403", "414", "429", "431", "503"} <= set(call["responses"])
    problem = call["responses"]["422"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Problem"}
    assert "Problem" in openapi["components"]["schemas"]


def test_the_openapi_document_has_the_limits_of_optional_numbers(api: Api) -> None:
    """Pydantic names a limit `ge` or `le` if it surrounds a validator; JSON Schema does not."""
    schemas = api.http.get("/openapi.json").json()["components"]["schemas"]
    drink = schemas["CompleteInput"]["properties"]
    assert drink["length"]["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 32}
    assert drink["deadline_seconds"]["anyOf"][0] == {"type": "integer", "minimum": 1}


@pytest.mark.parametrize("path", ["/api/queue", "/api/result/x", "/api/nowhere"])
def test_responses_of_the_api_are_not_cached(api: Api, path: str) -> None:
    """Responses depend on the key, the language and the time."""
    headers = api.http.get(path).headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_a_duplicate_field_is_rejected(api: Api) -> None:
    """One of the two values would be ignored, for example an exclusion."""
    body = '{"ingredients": ["milk"], "exclude": ["sugar"], "exclude": ["ginger"]}'
    headers = {"Content-Type": "application/json"}
    response = api.http.post("/api/process", content=body, headers=headers)
    assert (response.status_code, problem_of(response)) == (400, "malformed")
    assert "twice" in response.json()["detail"]
    assert api.is_untouched()


def test_an_empty_idempotency_key_is_rejected(api: Api) -> None:
    """An empty key would not prevent duplicate tasks."""
    response = api.http.post("/api/process", headers={"Idempotency-Key": ""})
    assert (response.status_code, problem_of(response)) == (422, "invalid")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (["milk"], "an object, such as"),
        ({"colour": "red"}, "no such field"),
        ({"priority": "urgent"}, "one of interactive, bulk"),
        ({"kind": "mix"}, "one of next, complete"),
        ({"exclude": ["strawbery"]}, "lists names."),
    ],
)
def test_a_detail_uses_only_terms_of_the_api(api: Api, body: Any, text: str) -> None:
    """Regular expressions and class names are not part of the API."""
    detail = api.http.post("/api/process?ignore_unknown=true", json=body).json()["detail"]
    assert text in detail
    assert "Lane" not in detail
    assert "^" not in detail


def test_broken_json_is_reported_with_line_and_column(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    body = '{"ingredients":\n ["milk" "sugar"]}'
    detail = api.http.post("/api/process", content=body, headers=headers).json()["detail"]
    assert "line 2, column 10" in detail


def test_the_problem_of_a_misspelt_field_is_one_sentence(api: Api) -> None:
    detail = api.http.post("/api/process", json={"topk": 3}).json()["detail"]
    assert detail == "body.topk: there is no such field here; did you mean top_k?"


def test_a_text_is_accepted_although_its_drink_is_not_known_yet(api: Api) -> None:
    """Sugar cannot begin a drink; the worker will find out what the text contains."""
    body = {"text": "milk", "only": ["sugar"]}
    assert api.http.post("/api/process", json=body).status_code == 202


@pytest.mark.parametrize(("field", "value"), [("ingredients", ["milk"]), ("text", "milk")])
def test_a_document_has_its_drinks_in_its_lines(api: Api, field: str, value: Any) -> None:
    body = {"document": "s3://documents/o/d.jsonl", field: value}
    response = api.http.post("/api/process", json=body)
    assert problem_of(response) == "invalid"
    assert response.json()["detail"] == (
        f"body.{field}: belongs to the lines of the document; remove it."
    )
