from __future__ import annotations

from contextlib import ExitStack
from threading import Thread

import pytest

from functions.webhooks.host_limit import MOST, PATIENCE, REST, HostLimit
from tasks.errors import ReceiverBusy
from tests.fakes import FakeClock


class Harness:
    """A limit with a clock that a test moves."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.limit = HostLimit(self.clock)

    def fill(self, running: ExitStack, host: str = "a") -> None:
        for _ in range(MOST):
            running.enter_context(self.limit.admit(host))

    def time_out(self, host: str = "a") -> None:
        with pytest.raises(TimeoutError), self.limit.admit(host):
            raise TimeoutError


def test_a_host_with_slow_requests_is_busy() -> None:
    harness = Harness()
    with ExitStack() as running:
        harness.fill(running)
        harness.clock.now += PATIENCE
        with pytest.raises(ReceiverBusy), harness.limit.admit("a"):
            pass


def test_a_slow_host_does_not_limit_another() -> None:
    harness = Harness()
    with ExitStack() as running:
        harness.fill(running)
        harness.clock.now += PATIENCE
        with harness.limit.admit("b"):
            pass


def test_an_ended_request_makes_room() -> None:
    harness = Harness()
    with ExitStack() as running:
        harness.fill(running)
        harness.clock.now += PATIENCE
    with harness.limit.admit("a"):
        pass


def test_a_request_waits_for_a_moment_until_another_one_ends() -> None:
    """A host that answers at once gets all requests of a batch."""
    harness = Harness()
    admitted: list[bool] = []

    def request() -> None:
        with harness.limit.admit("a"):
            admitted.append(True)

    thread = Thread(target=request)
    with ExitStack() as running:
        harness.fill(running)
        thread.start()
    thread.join()
    assert admitted == [True]


def test_a_host_rests_after_a_timeout() -> None:
    """Others do not wait behind further requests to it."""
    harness = Harness()
    harness.time_out()
    with pytest.raises(ReceiverBusy), harness.limit.admit("a"):
        pass
    with harness.limit.admit("b"):
        pass
    harness.clock.now += REST
    with harness.limit.admit("a"):
        pass


def test_a_host_that_fails_at_once_does_not_rest() -> None:
    harness = Harness()
    with pytest.raises(ConnectionRefusedError), harness.limit.admit("a"):
        raise ConnectionRefusedError
    with harness.limit.admit("a"):
        pass
