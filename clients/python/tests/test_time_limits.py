"""A request takes no longer than its time limit, whatever the server does."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import httpx2
import pytest

from barback import AsyncBarback, Barback, Retries, Unreachable
from barback._endpoint import Endpoint
from barback._requests import download_request, result_request, upload_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 0.4  # seconds
TOO_LATE = 5.0  # seconds
HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
ONCE = Retries(attempts=1)


@contextmanager
def slow_server(at_once: bytes) -> Iterator[tuple[str, threading.Event]]:
    """Serve the start of a response at once, and then a byte at a time without an end.

    Yields the URL, and an event for the end of the connection.
    """
    stop, closed = threading.Event(), threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            connection.sendall(at_once)
            for byte in (HEADERS + b" " * 100_000)[len(at_once) :]:
                if stop.wait(LIMIT / 8):
                    return
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    closed.set()
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", closed
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def ask(url: str) -> None:
    with Barback(url, timeout=LIMIT, retries=ONCE) as bar:
        bar.queue()


def ask_asynchronously(url: str) -> None:
    async def program() -> None:
        async with AsyncBarback(url, timeout=LIMIT, retries=ONCE) as bar:
            await bar.queue()

    asyncio.run(program())


@pytest.mark.parametrize("call", [ask, ask_asynchronously])
@pytest.mark.parametrize("at_once", [b"", HEADERS], ids=["headers", "content"])
def test_a_server_that_sends_a_byte_at_a_time_does_not_respond(
    call: Callable[[str], None], at_once: bytes
) -> None:
    """Each byte arrives within the timeout, but the response does not."""
    with slow_server(at_once) as (url, _):
        start = time.monotonic()
        with pytest.raises(Unreachable, match=r"did not respond \(ReadTimeout\)"):
            call(url)
        assert LIMIT <= time.monotonic() - start < TOO_LATE


def test_a_connection_without_a_complete_response_is_closed() -> None:
    """A program that asks again and again does not collect them."""
    with (
        slow_server(HEADERS) as (url, closed),
        Barback(url, timeout=LIMIT, retries=ONCE) as bar,
    ):
        with pytest.raises(Unreachable):
            bar.queue()
        assert closed.wait(TOO_LATE)


def test_the_wait_of_the_service_and_the_transfer_of_a_file_add_to_the_limit() -> None:
    """A slow connection may take longer for a large file."""
    endpoint = Endpoint("http://bar", "", "en", 10.0)
    assert endpoint.limit_of(result_request("task-1", 20)) == 30.0
    upload = upload_request({"method": "PUT", "url": "http://store/x"}, b"x" * 1_000_000)
    assert endpoint.limit_of(upload) == 30.0
    assert endpoint.limit_of(download_request("http://store/x", 1000)) == 70.0


def test_a_transport_runs_in_the_context_of_the_call() -> None:
    """Tools that trace requests keep the current span in a context variable."""
    span = ContextVar("span", default="")
    seen: list[str] = []

    def handle(_: httpx2.Request) -> httpx2.Response:
        seen.append(span.get())
        return httpx2.Response(200, json={})

    with Barback("http://bar", transport=httpx2.MockTransport(handle)) as bar:
        span.set("mine")
        bar.queue()
    assert seen == ["mine"]


def test_an_error_of_a_request_reaches_the_caller() -> None:
    """Also one that is no error of HTTP, such as Ctrl-C."""

    def interrupt(_: httpx2.Request) -> httpx2.Response:
        raise KeyboardInterrupt

    with (
        Barback("http://bar", transport=httpx2.MockTransport(interrupt)) as bar,
        pytest.raises(KeyboardInterrupt),
    ):
        bar.queue()
