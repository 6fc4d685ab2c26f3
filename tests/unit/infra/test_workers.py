"""Worker processes: which of them may end, and when."""

from __future__ import annotations

import fcntl
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from infra.local.ports import Location
from infra.local.workers import STOP_TIMEOUT, Workers, WorkersFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from infra.local.worker import WorkerSettings

WITHIN = 30.0  # seconds


START = 0.2  # seconds that the second process takes to start after the first has ended


def listen_and_end(settings: WorkerSettings) -> None:
    """A first process that ends as soon as it listens, and a second one that starts slowly."""
    with (settings.sockets / "first").open("a") as file:
        if settings.number == 0:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write("started\n")
            settings.socket.touch()
            return
        while not (settings.sockets / "worker-0").exists():
            time.sleep(0.01)
        fcntl.flock(file, fcntl.LOCK_EX)  # held by the first process until it ends
    time.sleep(START)
    settings.socket.touch()
    time.sleep(WITHIN)


def end(_settings: WorkerSettings) -> None:
    """A process that never listens."""


def fail(_settings: WorkerSettings) -> None:
    """A process that ends with a message."""
    sys.exit("barback: the model cannot be loaded.")


def be_killed(_settings: WorkerSettings) -> None:
    """A process that runs out of memory."""
    signal.raise_signal(signal.SIGKILL)


def hang(settings: WorkerSettings) -> None:
    """A process that ignores SIGTERM while it starts, and starts for a long time."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (settings.sockets / f"starting-{settings.number}").touch()
    time.sleep(WITHIN)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Callable[[WorkerSettings], None]], Workers]]:
    """Start two workers; they are stopped at the end."""
    started: list[Workers] = []

    def start(run: Callable[[WorkerSettings], None], timeout: float = WITHIN) -> Workers:
        workers = Workers(Location(tmp_path, ""), tmp_path, {}, 2, run, timeout)
        started.append(workers)
        return workers

    yield start
    for workers in started:
        workers.stop()


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (end, "A worker ended with exit status 0 before it was ready; check the code"),
        (be_killed, "A worker ended with signal 9 before it was ready; check the code"),
        (fail, "A worker did not start; the lines above say why."),
    ],
)
def test_a_worker_that_ends_before_it_listens_fails_the_start(
    start: Callable[..., Workers], run: Callable[[WorkerSettings], None], message: str
) -> None:
    with pytest.raises(WorkersFailed, match=message):
        start(run).wait_until_ready()


def test_a_worker_that_starts_for_too_long_fails_the_start(start: Callable[..., Workers]) -> None:
    with pytest.raises(WorkersFailed, match="was not ready after 0 seconds; let its model"):
        start(hang, timeout=0).wait_until_ready()


def test_workers_that_still_start_are_killed(start: Callable[..., Workers], tmp_path: Path) -> None:
    """They would otherwise be waited for, although they have no batch to finish."""
    workers = start(hang)
    until = time.monotonic() + WITHIN
    while len(list(tmp_path.glob("starting-*"))) < 2:
        assert time.monotonic() < until
        time.sleep(0.01)
    began = time.monotonic()
    workers.stop()
    assert time.monotonic() - began < STOP_TIMEOUT / 2


def test_a_worker_that_ends_after_it_listened_is_replaced(
    start: Callable[..., Workers], tmp_path: Path
) -> None:
    """This holds also while another worker is still starting."""
    start(listen_and_end).wait_until_ready()
    until = time.monotonic() + WITHIN
    while (tmp_path / "first").read_text().count("started") < 2:
        assert time.monotonic() < until
        time.sleep(0.01)
