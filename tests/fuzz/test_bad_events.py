"""Bad requests as API Gateway hands them on: each is answered, and none raises."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, quote

import pytest
from functions.api.errors import MEDIA_TYPE
from starlette.applications import Starlette

from functions.api.adapter import Adapter
from tests.fuzz.grammar import Sent, bad_request
from tests.fuzz.odd import KEY_CANARY
from tests.unit.functions.conftest import Api

EVENTS: Final = int(os.environ.get("FUZZ_REQUESTS", "10000")) // 10
SEED: Final = int(os.environ.get("FUZZ_SEED", "1"))
ABSENT: Final = (  # what the gateway sends as null where a request has none of it
    "body",
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "multiValueQueryStringParameters",
    "pathParameters",
    "stageVariables",
)


def event_of(sent: Sent) -> dict[str, Any]:
    """Return the event of a REST API's proxy integration for a request."""
    headers = {name.decode(): value.decode("latin-1") for name, value in sent.headers}
    query = parse_qs(sent.query.decode("latin-1"), keep_blank_values=True)
    return {
        "resource": "/api/{proxy+}",
        "path": quote(sent.path),
        "httpMethod": sent.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()},
        "multiValueQueryStringParameters": query,
        "pathParameters": {"proxy": sent.path},
        "stageVariables": None,
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}},
        "body": sent.body.decode("utf-8", "replace"),
        "isBase64Encoded": False,
    }


@pytest.fixture
def call() -> Adapter:
    """The handler over fakes, that waits for nothing."""
    app = Api().http.app
    assert isinstance(app, Starlette)
    services = replace(app.state.services(), longest_wait=0)
    app.state.services = lambda: services
    return Adapter(app, lifespan="off", text_mime_types=[MEDIA_TYPE])


def test_no_bad_event_is_a_fault_of_ours(call: Adapter, caplog: pytest.LogCaptureFixture) -> None:
    """Each is answered below 500, in the form that the gateway takes, without a stack trace."""
    for number in range(EVENTS):
        rng = random.Random(f"{SEED}/{number}")
        event = event_of(bad_request(SEED, number))
        event.update(dict.fromkeys(rng.sample(ABSENT, rng.randrange(len(ABSENT)))))
        event["isBase64Encoded"] = rng.random() < 0.2
        try:
            answer = call(event, None)  # type: ignore[arg-type]
        except Exception as error:
            error.add_note(f"Event {number} of seed {SEED}: {event}"[:2000])
            raise
        assert 200 <= answer["statusCode"] < 500, event
        json.dumps(answer)
    assert "Traceback" not in caplog.text
    assert KEY_CANARY not in caplog.text


@pytest.mark.parametrize(
    "spoilt",
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
def test_what_the_adapter_cannot_read_is_malformed(call: Adapter, spoilt: dict[str, Any]) -> None:
    """No base64, no port, no Unicode: the caller is told, and no alarm is raised."""
    event = event_of(Sent("POST", "/api/process"))
    event |= {"multiValueHeaders": None, "multiValueQueryStringParameters": None} | spoilt
    answer = call(event, None)  # type: ignore[arg-type]
    assert answer["statusCode"] == 400
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["type"] == "urn:barback:problem:malformed"
