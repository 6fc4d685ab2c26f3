"""Requests that the server cannot read are answered with problems, like all other errors."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from infra.local.http_server import ProblemResponses

if TYPE_CHECKING:
    from collections.abc import Iterator

END = b" HTTP/1.1\r\nHost: a\r\n\r\n"


class HttpTools(ProblemResponses, HttpToolsProtocol):
    pass


class H11(ProblemResponses, H11Protocol):
    """It stands in where httptools is not installed."""


class FakeTransport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002
        return default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def answer(protocol: type[HttpTools | H11], loop: asyncio.AbstractEventLoop, data: bytes) -> bytes:
    """Return the bytes that a connection gets before it is closed."""
    state = ServerState()
    state.default_headers = [(b"date", b"today")]
    config = uvicorn.Config(Starlette(), interface="asgi3", log_config=None)
    connection = protocol(config, state, {}, loop)
    transport = FakeTransport()
    connection.connection_made(transport)
    connection.data_received(data)
    assert transport.is_closed
    connection.connection_lost(None)
    return transport.written


def parse(data: bytes) -> tuple[str, dict[str, str], dict[str, Any]]:
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("ascii").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert int(headers["content-length"]) == len(body)
    return status, headers, json.loads(body)


@pytest.mark.parametrize("protocol", [HttpTools, H11])
@pytest.mark.parametrize(
    "data",
    [
        "GET /api/молоко".encode() + END,
        "GET /api/ingredients?q=молоко".encode() + END,
        b"GET /api/ingredients?q=\xff" + END,
        b"GET /api/in gredients" + END,
        b"no request\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nm\xc3\xa9: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nA: \x00\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ],
)
def test_an_unreadable_request_is_a_malformed_request(
    protocol: type[HttpTools | H11], loop: asyncio.AbstractEventLoop, data: bytes
) -> None:
    """It has the headers of all responses below /api/, and of the server."""
    status, headers, problem = parse(answer(protocol, loop, data))
    assert status == "HTTP/1.1 400 Bad Request"
    assert headers.pop("content-length")
    assert headers == {
        "date": "today",
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "connection": "close",
    }
    assert problem == {
        "type": "urn:barback:problem:malformed",
        "title": "Malformed request",
        "status": 400,
        "detail": "The request cannot be read; check its method and headers, and percent-encode "
        "its URL.",
    }


def test_a_url_that_is_too_long_for_the_parser_is_414(loop: asyncio.AbstractEventLoop) -> None:
    status, _, problem = parse(answer(HttpTools, loop, b"GET /" + b"a" * 70_000 + END))
    assert status.startswith("HTTP/1.1 414 ")
    assert problem["type"] == "urn:barback:problem:uri-too-long"
