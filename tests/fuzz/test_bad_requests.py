"""Ten thousand bad requests cause no server error, and nothing that they contain is logged.

FUZZ_REQUESTS=100000 sends more requests, FUZZ_SEED=2 different ones.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from starlette.applications import Starlette

from tests.fuzz.grammar import RawRequest, bad_request
from tests.fuzz.values import CANARY, KEY_CANARY
from tests.unit.functions.conftest import Api

if TYPE_CHECKING:
    import logging

    from starlette.types import ASGIApp

REQUESTS: Final = int(os.environ.get("FUZZ_REQUESTS", "10000"))
SEED: Final = int(os.environ.get("FUZZ_SEED", "1"))
SLUGS: Final = {  # the generator must cause each of these errors at least once
    "malformed",
    "ambiguous",
    "invalid",
    "not-found",
    "task-not-found",
    "document-not-found",
    "method-not-allowed",
    "too-large",
    "uri-too-long",
    "headers-too-large",
    "unsupported-media-type",
    "unknown-ingredient",
}


@dataclass
class Response:
    """The response that the application sent."""

    status: int = 0
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    has_body: bool = True

    @property
    def slug(self) -> str:
        """The slug of the problem, whose form is checked first; "" for a success or HEAD."""
        if not self.has_body:
            assert self.body == b""
        if self.status < 400 or not self.has_body:
            return ""
        problem = json.loads(self.body)
        assert dict(self.headers)[b"content-type"] == b"application/problem+json"
        assert problem["status"] == self.status
        assert problem["detail"]
        slug: str = problem["type"].removeprefix("urn:barback:problem:")
        return slug


async def request(app: ASGIApp, raw: RawRequest) -> Response:
    """Call the application as an ASGI server does."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": raw.method,
        "scheme": "http",
        "path": raw.path,
        "query_string": raw.query,
        "headers": list(raw.headers),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    response = Response(has_body=raw.method != "HEAD")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw.body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            response.status, response.headers = message["status"], tuple(message["headers"])
        else:
            response.body += message.get("body", b"")

    await app(scope, receive, send)
    return response


@pytest.fixture
def app() -> Starlette:
    """Return the application with fakes behind it and without long polling."""
    app = Api().http.app
    assert isinstance(app, Starlette)
    services = app.state.services
    settings = replace(services.settings, longest_wait=0)
    app.state.services = replace(services, settings=settings)
    return app


def content_of(record: logging.LogRecord) -> str:
    """Return everything that a log line could contain."""
    return f"{record.getMessage()} {vars(record)}"


def test_a_bad_request_never_causes_a_server_error(
    app: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    """Its status is below 500, no stack trace is shown, and no name or key is logged."""
    rejections = asyncio.run(_send_until_rejected(app))
    print(rejections)
    assert SLUGS - set(rejections) == set()
    assert "Traceback" not in caplog.text
    lines = "\n".join(map(content_of, caplog.records))
    assert CANARY not in lines
    assert KEY_CANARY not in lines


async def _send_until_rejected(app: Starlette) -> Counter[str]:
    """Send bad requests until `REQUESTS` of them were rejected, and count them by slug."""
    slugs: Counter[str] = Counter()
    for number in itertools.count():
        if slugs.total() - slugs[""] >= REQUESTS:
            break
        raw = bad_request(SEED, number)
        try:
            response = await request(app, raw)
            assert response.status < 500, response.body
            assert b"Traceback" not in response.body
            assert KEY_CANARY.encode() not in response.body
            slugs[response.slug] += 1
        except Exception as error:
            error.add_note(f"Request {number} of seed {SEED}: {raw}"[:2000])
            raise
    return slugs
