"""Ten thousand bad requests: none is answered 500, and nothing that was sent is in the logs.

FUZZ_REQUESTS=100000 sends more, and FUZZ_SEED=2 others.
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

from tests.fuzz.grammar import Sent, bad_request
from tests.fuzz.odd import CANARY, KEY_CANARY
from tests.unit.functions.conftest import Api

if TYPE_CHECKING:
    import logging

    from starlette.types import ASGIApp

REQUESTS: Final = int(os.environ.get("FUZZ_REQUESTS", "10000"))
SEED: Final = int(os.environ.get("FUZZ_SEED", "1"))
SLUGS: Final = {  # what the generator must come upon, lest it be bad in one way only
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
class Answer:
    """What the application sent."""

    status: int = 0
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    @property
    def slug(self) -> str:
        """The slug of the problem, having checked that it is one; "" if it is no error."""
        if self.status < 400:
            return ""
        problem = json.loads(self.body)
        assert dict(self.headers)[b"content-type"] == b"application/problem+json"
        assert problem["status"] == self.status
        assert problem["detail"]
        slug: str = problem["type"].removeprefix("urn:barback:problem:")
        return slug


async def ask(app: ASGIApp, sent: Sent) -> Answer:
    """Send a request as a server hands it to an application."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": sent.path,
        "query_string": sent.query,
        "headers": list(sent.headers),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    answer = Answer()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent.body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], tuple(message["headers"])
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


@pytest.fixture
def app() -> Starlette:
    """The application over fakes, that waits for nothing."""
    app = Api().http.app
    assert isinstance(app, Starlette)
    services = replace(app.state.services(), longest_wait=0)
    app.state.services = lambda: services
    return app


def shown(record: logging.LogRecord) -> str:
    """Return all that a log line may be made of."""
    return f"{record.getMessage()} {vars(record)}"


def test_no_bad_request_is_a_fault_of_ours(
    app: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    """Each is a problem below 500 without a stack trace; no name and no key is in the logs."""
    found = asyncio.run(_ask_until_refused(app))
    print(found)
    assert SLUGS - set(found) == set()
    assert "Traceback" not in caplog.text
    lines = "\n".join(map(shown, caplog.records))
    assert CANARY not in lines
    assert KEY_CANARY not in lines


async def _ask_until_refused(app: Starlette) -> Counter[str]:
    """Send bad requests until so many were refused, and count how."""
    found: Counter[str] = Counter()
    for number in itertools.count():
        if found.total() - found[""] >= REQUESTS:
            break
        sent = bad_request(SEED, number)
        try:
            answer = await ask(app, sent)
            assert answer.status < 500, answer.body
            assert b"Traceback" not in answer.body
            assert KEY_CANARY.encode() not in answer.body
            found[answer.slug] += 1
        except Exception as error:
            error.add_note(f"Request {number} of seed {SEED}: {sent}"[:2000])
            raise
    return found
