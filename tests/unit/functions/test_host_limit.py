from __future__ import annotations

from contextlib import ExitStack
from threading import Thread

import pytest

from functions.webhooks.host_limit import MOST, PATIENCE, REST, HostLimit
from tasks.errors import ReceiverBusy
from tests.fakes import FakeClock

A, OTHER_HOST, OTHER_OWNER = ("me", "a"), ("me", "b"), ("you", "a")


class Harness:
    """A limit with a clock that a test moves."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.limit = HostLimit(self.clock)

    def fill(self, running: ExitStack) -> None:
        for _ in range(MOST):
            running.enter_context(self.limit.admit(A))


def test_a_host_with_slow_requests_is_busy() -> None:
    harness = Harness()
    with ExitStack() as running:
        harness.fill(running)
        harness.clock.now += PATIENCE
        with pytest.raises(ReceiverBusy), harness.limit.admit(A):
            pass


@pytest.mark.parametrize("other", [OTHER_HOST, OTHER_OWNER])
def test_a_slow_host_limits_neither_another_nor_another_owner(other: tuple[str, str]) -> None:
    harness = Harness()
    with ExitStack() as running:
        harness.fill(running)
        harness.clock.now += PATIENCE
        with harness.limit.admit(other):
            pass


def test_an_ended_request_makes_room() -> None:
    harness = Harness()
    with ExitStack() as running:
        harness.fill(running)
        harness.clock.now += PATIENCE
    with harness.limit.admit(A):
        pass


def test_a_request_waits_for_a_moment_until_another_one_ends() -> None:
    """A host that answers at once gets all requests of a batch."""
    harness = Harness()
    admitted: list[bool] = []

    def request() -> None:
        with harness.limit.admit(A):
            admitted.append(True)

    thread = Thread(target=request)
    with ExitStack() as running:
        harness.fill(running)
        thread.start()
    thread.join()
    assert admitted == [True]


def test_a_host_that_rests_gets_no_request_of_its_owner() -> None:
    """Others do not wait behind further requests to it."""
    harness = Harness()
    harness.limit.rest(A)
    with pytest.raises(ReceiverBusy), harness.limit.admit(A):
        pass
    for other in (OTHER_HOST, OTHER_OWNER):
        with harness.limit.admit(other):
            pass
    harness.clock.now += REST
    with harness.limit.admit(A):
        pass
