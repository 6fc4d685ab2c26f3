"""When a call is made again."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from barback import ApiError, Retries, Unreachable
from barback._endpoint import Endpoint
from barback._requests import cancel, queue
from barback._retries import retry_after_of
from barback._session import Exchange
from clients.python.tests.fakes import FakeIo, answer, problem

ENDPOINT = Endpoint("http://bar", "secret", "en", 10.0)
NO_JITTER = Retries(random=lambda: 1.0)


def make(io: FakeIo, until: float = float("inf")) -> httpx2.Response:
    return asyncio.run(Exchange(io, ENDPOINT, NO_JITTER).make(queue(), until))


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_trouble_is_waited_out_as_long_as_the_service_says(status: int) -> None:
    """Retry-After replaces the back-off."""
    io = FakeIo(problem(status, "busy", headers={"Retry-After": "7"}), answer(200, {}))
    assert make(io).status_code == 200
    assert io.sleeps == [7.0]


def test_a_lost_connection_is_retried_with_growing_pauses() -> None:
    """The pause doubles, and the last attempt's error is raised."""
    io = FakeIo(*(httpx2.ConnectError("refused") for _ in range(4)))
    with pytest.raises(Unreachable, match=r"http://bar gave no answer \(ConnectError\)"):
        make(io)
    assert io.sleeps == [0.5, 1.0, 2.0]


def test_jitter_spreads_the_pauses() -> None:
    """Callers that failed together do not come back together."""
    assert Retries(random=lambda: 0.0).pause(3) == 0.0
    assert Retries(random=lambda: 0.5).pause(3) == 1.0


def test_no_pause_is_longer_than_the_longest() -> None:
    """The back-off is capped, and a longer Retry-After ends the retries."""
    patient = Retries(attempts=100, longest=30.0, random=lambda: 1.0)
    assert patient.pause(99) == 30.0
    assert patient.pause(1, retry_after=30.0) == 30.0
    assert patient.pause(1, retry_after=31.0) is None


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500])
def test_an_error_that_would_come_again_is_not_retried(status: int) -> None:
    """One answer is enough where asking again gives the same."""
    io = FakeIo(problem(status, "invalid"))
    with pytest.raises(ApiError) as raised:
        make(io)
    assert (raised.value.status, raised.value.type) == (status, "urn:barback:problem:invalid")
    assert io.sleeps == []


def test_no_retry_begins_after_the_caller_s_time() -> None:
    """Who waits 5 seconds is not kept for 7."""
    io = FakeIo(problem(503, "unavailable", headers={"Retry-After": "7"}))
    with pytest.raises(ApiError) as raised:
        make(io, until=io.now() + 5)
    assert raised.value.retry_after == 7.0
    assert io.sleeps == []


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
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "²"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_by_the_service_s_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    """What is neither counts as nothing said."""
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert retry_after_of(httpx2.Response(503, headers=encoded)) == seconds


def test_every_attempt_sends_the_same_request() -> None:
    """A retry repeats method, URL, headers and body."""
    io = FakeIo(httpx2.ReadTimeout("slow"), answer(200, {}))
    asyncio.run(Exchange(io, ENDPOINT, NO_JITTER).make(cancel("a b/c")))
    first, second = io.requests
    assert (first.method, str(first.url)) == ("DELETE", "http://bar/api/task/a%20b%2Fc")
    assert (second.url, second.headers) == (first.url, first.headers)


def test_an_unreachable_service_is_named_without_its_password() -> None:
    """A URL may hold one, and errors are logged."""
    io = FakeIo(httpx2.ConnectError("refused"))
    exchange = Exchange(io, Endpoint("http://me:geheim@bar", "secret", "en", 1.0), Retries(1))
    with pytest.raises(Unreachable) as raised:
        asyncio.run(exchange.make(queue()))
    assert "geheim" not in str(raised.value)
    assert "secret" not in str(raised.value)
