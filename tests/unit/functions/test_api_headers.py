"""Headers that a request has more than once, from a server and from API Gateway."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from functions.api.adapter import Adapter
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Api

Headers = list[tuple[str, str]]


def event(headers: Headers) -> dict[str, Any]:
    """Return the event of a submission, as a REST API's proxy integration creates it."""
    by_name: dict[str, list[str]] = {}
    for name, value in headers:
        by_name.setdefault(name, []).append(value)
    return {
        "resource": "/api/{proxy+}",
        "path": "/api/process",
        "httpMethod": "POST",
        "headers": {name: values[-1] for name, values in by_name.items()},
        "multiValueHeaders": by_name,
        "multiValueQueryStringParameters": None,
        "queryStringParameters": {"ingredients_joined": "milk"},
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}},
        "body": None,
        "isBase64Encoded": False,
    }


@pytest.fixture
def adapter(api: Api) -> Adapter:
    assert isinstance(api.http.app, FastAPI)
    return Adapter(api.http.app)


@pytest.mark.parametrize("name", ["Idempotency-Key", "x-api-key", "Content-Type", "Origin"])
@pytest.mark.parametrize("values", [("a", "b"), ("a", "a")])
def test_a_header_with_a_single_value_is_refused_twice(
    api: Api, adapter: Adapter, name: str, values: tuple[str, str]
) -> None:
    """It is not known which of them the caller meant."""
    headers = [(name, values[0]), ("Accept", "a"), (name.lower(), values[1])]
    response = api.http.post("/api/process", headers=headers)
    assert (response.status_code, problem_of(response)) == (400, "malformed")
    assert response.json()["detail"] == f"Send the header {name.lower()} only once."
    from_gateway: Any = adapter(event(headers), None)  # type: ignore[arg-type]
    assert from_gateway["statusCode"] == 400
    assert json.loads(from_gateway["body"]) == response.json()
    assert api.is_untouched()


def test_a_list_in_several_lines_is_read_as_one(api: Api) -> None:
    """RFC 9110, section 5.3, lets a sender split a list."""
    lines = [("Prefer", "respond-async"), ("Prefer", "wait=0"), ("Accept", "a"), ("Accept", "b")]
    response = api.http.post("/api/process", headers=lines)
    assert response.headers["preference-applied"] == "wait=0"
    languages = [("Accept-Language", "fr"), ("Accept-Language", "ru")]
    response = api.http.get("/api/ingredients", headers=languages)
    assert response.headers["content-language"] == "ru"


def test_a_list_in_several_lines_is_read_as_one_behind_api_gateway(adapter: Adapter) -> None:
    lines = [("Prefer", "respond-async"), ("prefer", "wait=0")]
    response: Any = adapter(event(lines), None)  # type: ignore[arg-type]
    assert response["headers"]["preference-applied"] == "wait=0"
    assert response["statusCode"] == 202


def test_an_idempotency_key_may_contain_a_comma(api: Api) -> None:
    for _ in range(2):
        response = api.http.post("/api/process", headers={"Idempotency-Key": "a, b"})
        assert response.status_code == 202
    assert len(api.store.rows) == 1
