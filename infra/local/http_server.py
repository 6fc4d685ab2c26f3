"""uvicorn as both stacks use it."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from functions.api.middleware import MAX_URL
from functions.api.problems import problem_response

if TYPE_CHECKING:
    import socket

    from starlette.types import ASGIApp
    from uvicorn.protocols.http.h11_impl import H11Protocol as AutoHTTPProtocol
    from uvicorn.server import ServerState
else:
    from uvicorn.protocols.http.auto import AutoHTTPProtocol  # without httptools, it is h11's

UNREADABLE: Final = (
    "The request cannot be read; check its method and headers, and percent-encode its URL."
)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


class ProblemResponses:
    """Mixin of uvicorn's protocols: requests that cannot be read are answered with problems.

    uvicorn answers them in plain text, before the application is called.
    """

    transport: asyncio.Transport
    server_state: ServerState

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn passes it
        """Answer, and close the connection."""
        # httptools parses no URL of 64 KiB or more.
        is_too_long = len(getattr(self, "url", b"")) > MAX_URL
        slug, detail = ("uri-too-long", "") if is_too_long else ("malformed", UNREADABLE)
        response = problem_response(slug, detail, HEADERS)
        status = HTTPStatus(response.status_code)
        lines = [f"HTTP/1.1 {status} {status.phrase}".encode()]
        headers = [*self.server_state.default_headers, *response.raw_headers]
        lines += [name + b": " + value for name, value in headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.close()


class ProblemProtocol(ProblemResponses, AutoHTTPProtocol):
    """uvicorn's protocol for HTTP."""


class Server(uvicorn.Server):
    """A server that ends the waits of all requests when it stops.

    Their scopes have an event in the state, `stopping`, which ends the pauses of long polling.
    """

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        """Args: `options` are further ones of `uvicorn.Config`."""
        config = uvicorn.Config(
            app, http=ProblemProtocol, lifespan="off", timeout_graceful_shutdown=3, **options
        )
        super().__init__(config)
        self._stopping = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve. uvicorn copies the state into the scope of each request."""
        self.lifespan.state["stopping"] = self._stopping
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all waits, and stop when every request is answered."""
        self._stopping.set()
        await super().shutdown(sockets)
