"""HTTP connections that take little of the processors' time, because C parses the responses."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httptools

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ACCEPTED: Final = 202
ERROR: Final = 400  # and above


class Connection(asyncio.Protocol):
    """An HTTP connection that is kept open, for one request at a time."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._response: asyncio.Future[tuple[int, bytes]] = asyncio.Future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; asyncio calls this."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Parse a part of the response; asyncio calls this."""
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        """Begin a response; the parser calls this."""
        self._body = b""

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body; the parser calls this."""
        self._body += body

    def on_message_complete(self) -> None:
        """Pass the response on; the parser calls this."""
        self._response.set_result((self._parser.get_status_code(), self._body))

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the request that is waiting for a response; asyncio calls this."""
        if not self._response.done():
            self._response.set_exception(error or ConnectionError("The service hung up."))

    async def call(self, method: str, path: str, key: str, body: Any = None) -> tuple[int, Any]:
        """Send a request and return the status and the JSON of the response.

        Raises:
            RuntimeError: the status is an error.
            ConnectionError: the connection was closed.
        """
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nx-api-key: {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._response = asyncio.Future()
        self._transport.write(head.encode() + content)
        status, found = await self._response
        if status >= ERROR:
            raise RuntimeError(f"{method} {path} returned {status}: {found.decode()}")
        return status, json.loads(found)

    def close(self) -> None:
        """Close the connection."""
        self._response.cancel()
        self._transport.close()


@asynccontextmanager
async def connected(url: str, count: int) -> AsyncIterator[list[Connection]]:
    """Open that many connections to a service, until the end of the block."""
    address = urlsplit(url)
    assert address.hostname
    loop = asyncio.get_running_loop()
    connections = []
    try:
        for _ in range(count):
            _, connection = await loop.create_connection(
                lambda: Connection(address.netloc), address.hostname, address.port or 80
            )
            connections.append(connection)
        yield connections
    finally:
        for connection in connections:
            connection.close()
