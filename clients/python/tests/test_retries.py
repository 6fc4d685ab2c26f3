"""When a request is retried."""

from __future__ import annotations

import asyncio
import errno
import inspect
import math
import os
import socket
import ssl
import threading

import httpx2
import pytest

from barback import ApiError, AsyncBarback, Barback, Retries, Unreachable
from barback._endpoint import Endpoint
from barback._requests import cancel_request, queue_request
from barback._retries import retry_after_of
from barback._session import Session
from clients.python.tests.fakes import FakeTransport, problem, respond

ENDPOINT = Endpoint("http://bar", "secret", "en", 10.0)
NO_JITTER = Retries(random=lambda: 1.0)


def send(transport: FakeTransport, until: float = math.inf) -> httpx2.Response:
    return asyncio.run(Session(transport, ENDPOINT, NO_JITTER).send(queue_request(), until))


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_transient_error_is_retried_after_retry_after(status: int) -> None:
    """Retry-After replaces the backoff."""
    transport = FakeTransport(
        problem(status, "busy", headers={"Retry-After": "7"}), respond(200, {})
    )
    assert send(transport).status_code == 200
    assert transport.sleeps == [7.0]


def test_a_lost_connection_is_retried_with_growing_delays() -> None:
    """The delay doubles, and the error of the last attempt is raised."""
    transport = FakeTransport(*(httpx2.ConnectError("refused") for _ in range(4)))
    with pytest.raises(Unreachable, match=r"http://bar did not respond \(ConnectError\)"):
        send(transport)
    assert transport.sleeps == [0.5, 1.0, 2.0]


def causes() -> dict[str, Exception]:
    """Return errors as the network raises them, by the text that names them."""
    certificate = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed")
    refused = OSError("All connection attempts failed")
    refused.__cause__ = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('::1', 9)")
    return {
        "ConnectError: certificate verify failed: self-signed": certificate,
        "ConnectError: Name or service not known": socket.gaierror(-2, "Name or service not known"),
        f"ConnectError: {os.strerror(errno.ECONNREFUSED)}": refused,
        "ConnectError": ValueError("x-api-key: secret"),
    }


@pytest.mark.parametrize(("text", "cause"), causes().items(), ids=causes())
def test_the_cause_of_a_failed_connection_is_named(text: str, cause: Exception) -> None:
    """The text of any other error is not shown: it could repeat a secret header."""
    error = httpx2.ConnectError("")
    error.__cause__ = httpx2.ConnectError("")
    error.__cause__.__cause__ = cause
    with pytest.raises(Unreachable) as raised:
        send(FakeTransport(*[error] * 4))
    assert f"http://bar did not respond ({text})." in str(raised.value)


@pytest.mark.parametrize("client", [Barback, AsyncBarback])
def test_a_failed_handshake_of_tls_is_named(client: type[Barback | AsyncBarback]) -> None:
    """For example when the URL begins with https, and the service uses http."""

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def program() -> None:
        bar = client(f"https://127.0.0.1:{listener.getsockname()[1]}", retries=Retries(1))
        found = bar.queue()
        if inspect.isawaitable(found):
            await found

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=answer)
        server.start()
        with pytest.raises(Unreachable, match=r"\(ConnectError: \[SSL"):
            asyncio.run(program())
        server.join()


def test_jitter_spreads_the_retries_of_many_callers() -> None:
    assert Retries(random=lambda: 0.0).delay(3) == 0.0
    assert Retries(random=lambda: 0.5).delay(3) == 1.0


def test_no_delay_exceeds_the_maximum() -> None:
    """The backoff is capped, and a longer Retry-After ends the retries."""
    patient = Retries(attempts=100, max_delay=30.0, random=lambda: 1.0)
    assert patient.delay(99) == 30.0
    assert patient.delay(1, retry_after=30.0) == 30.0
    assert patient.delay(1, retry_after=31.0) is None


def test_an_exceeded_quota_is_not_retried() -> None:
    """Its Retry-After is longer than the longest delay, and the caller gets it."""
    transport = FakeTransport(problem(429, "quota-exceeded", headers={"Retry-After": "3600"}))
    with pytest.raises(ApiError) as raised:
        send(transport)
    assert raised.value.type == "urn:barback:problem:quota-exceeded"
    assert raised.value.retry_after == 3600.0
    assert transport.sleeps == []


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500])
def test_a_permanent_error_is_not_retried(status: int) -> None:
    transport = FakeTransport(problem(status, "invalid"))
    with pytest.raises(ApiError) as raised:
        send(transport)
    assert (raised.value.status, raised.value.type) == (status, "urn:barback:problem:invalid")
    assert transport.sleeps == []


def test_no_retry_starts_after_the_caller_s_time() -> None:
    """A caller who waits for 5 seconds does not sleep for 7."""
    transport = FakeTransport(problem(503, "unavailable", headers={"Retry-After": "7"}))
    with pytest.raises(ApiError) as raised:
        send(transport, until=transport.now() + 5)
    assert raised.value.retry_after == 7.0
    assert transport.sleeps == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": " 12 "}, 12.0),
        (
            {
                "Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT",
                "Date": "Fri, 20 Nov 2026 10:00:00 GMT",
            },
            30.0,
        ),
        (
            {
                "Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT",
                "Date": "Fri, 20 Nov 2026 10:00:30 GMT",
            },
            0.0,
        ),
        (
            {
                "Retry-After": "Fri, 20 Nov 2026 10:00:00 -0000",
                "Date": "Fri, 20 Nov 2026 10:00:30 GMT",
            },
            None,
        ),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT"}, None),
        (
            {
                "Retry-After": "Fri, 20 Nov 2026 99999999999999999999:00:00 GMT",
                "Date": "Fri, 20 Nov 2026 10:00:30 GMT",
            },
            None,
        ),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "²"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    """A date is relative to the service's clock. Any other value is ignored."""
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert retry_after_of(httpx2.Response(503, headers=encoded)) == seconds


def test_every_attempt_sends_the_same_request() -> None:
    transport = FakeTransport(httpx2.ReadTimeout("slow"), respond(200, {}))
    asyncio.run(Session(transport, ENDPOINT, NO_JITTER).send(cancel_request("a b/c")))
    first, second = transport.requests
    assert (first.method, str(first.url)) == ("DELETE", "http://bar/api/task/a%20b%2Fc")
    assert (second.url, second.headers) == (first.url, first.headers)


def test_an_unreachable_service_is_named_without_its_password() -> None:
    """A URL may contain a password, and programs log errors."""
    transport = FakeTransport(httpx2.ConnectError("refused"))
    endpoint = Endpoint("http://me:geheim@bar", "secret", "en", 1.0)
    with pytest.raises(Unreachable) as raised:
        asyncio.run(Session(transport, endpoint, Retries(1)).send(queue_request()))
    assert "geheim" not in str(raised.value)
    assert "secret" not in str(raised.value)
