"""The server of both stacks answers requests that it cannot read."""

from __future__ import annotations

import socket

from infra.local.network import listener
from infra.local.server import serving
from tests.unit.functions.conftest import Api


def test_a_url_that_is_not_ascii_gets_a_problem() -> None:
    """The parser refuses it before the application is called."""
    with (
        listener(0) as bound,
        serving(Api().http.app, bound),
        socket.create_connection(bound.getsockname()) as connection,
    ):
        connection.sendall("GET /api/молоко HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in received
