"""Bad requests as events of API Gateway: each gets a response, and none raises an exception."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, quote

import pytest
from fastapi import FastAPI

from functions.api.adapter import Adapter
from tests.fuzz.grammar import RawRequest, bad_request
from tests.fuzz.values import KEY_CANARY
from tests.unit.functions.conftest import Api

EVENTS: Final = int(os.environ.get("FUZZ_REQUESTS", "10000")) // 10
SEED: Final = int(os.environ.get("FUZZ_SEED", "1"))
NULLABLE: Final = (  # the gateway sends null in these fields if the request has no such part
    "body",
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
    "stageVariables",
)


def event_of(raw: RawRequest) -> dict[str, Any]:
    """Return the event that a REST API's proxy integration creates for a request."""
    headers = {name.decode(): value.decode("latin-1") for name, value in raw.headers}
    query = parse_qs(raw.query.decode("latin-1"), keep_blank_values=True)
    return {
        "resource": "/api/{proxy+}",
        "path": quote(raw.path),
        "httpMethod": raw.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()},
        "multiValueQueryStringParameters": query,
        "pathParameters": {"proxy": raw.path},
        "stageVariables": None,
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}},
        "body": raw.body.decode("utf-8", "replace"),
        "isBase64Encoded": False,
    }


@pytest.fixture
def call() -> Adapter:
    """Return the handler with fakes behind it and without long polling."""
    app = Api().http.app
    assert isinstance(app, FastAPI)
    services = app.state.services
    settings = replace(services.settings, longest_wait=0)
    app.state.services = replace(services, settings=settings)
    return Adapter(app)


def test_a_bad_event_never_causes_a_server_error(
    call: Adapter, caplog: pytest.LogCaptureFixture
) -> None:
    """Its response is JSON with a status below 500, and no stack trace is logged."""
    for number in range(EVENTS):
        rng = random.Random(f"{SEED}/{number}")
        event = event_of(bad_request(SEED, number))
        event.update(dict.fromkeys(rng.sample(NULLABLE, rng.randrange(len(NULLABLE)))))
        event["isBase64Encoded"] = rng.random() < 0.2
        try:
            response = call(event, None)  # type: ignore[arg-type]
        except Exception as error:
            error.add_note(f"Event {number} of seed {SEED}: {event}"[:2000])
            raise
        assert 200 <= response["statusCode"] < 500, event
        json.dumps(response)
    assert "Traceback" not in caplog.text
    assert KEY_CANARY not in caplog.text


@pytest.mark.parametrize(
    "corrupted",
    [
        {"body": "abc", "isBase64Encoded": True},
        {"headers": {"Host": "gateway", "X-Forwarded-Port": "https"}},
        {"headers": {"Host": "gateway:eighty"}},
        {"headers": {"Host": "a:b:c"}},
        {"headers": {"Prefer": "\ud800"}},
        {"queryStringParameters": {"q": "\ud800"}},
    ],
    ids=str,
)
def test_an_unreadable_event_is_a_malformed_request(
    call: Adapter, corrupted: dict[str, Any]
) -> None:
    """Invalid base64, ports and Unicode get status 400 instead of raising an exception."""
    event = event_of(RawRequest("POST", "/api/process"))
    event |= {"multiValueHeaders": None, "multiValueQueryStringParameters": None} | corrupted
    response = call(event, None)  # type: ignore[arg-type]
    assert response["statusCode"] == 400
    assert response["headers"]["content-type"] == "application/problem+json"
    assert json.loads(response["body"])["type"] == "urn:barback:problem:malformed"
