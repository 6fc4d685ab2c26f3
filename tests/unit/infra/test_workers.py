"""Worker processes: which of them may end, and when."""

from __future__ import annotations

import fcntl
import time
from typing import TYPE_CHECKING

import pytest

from infra.local.ports import Location
from infra.local.workers import Workers, WorkersFailed

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


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Callable[[WorkerSettings], None]], Workers]]:
    """Start two workers; they are stopped at the end."""
    started: list[Workers] = []

    def start(run: Callable[[WorkerSettings], None]) -> Workers:
        workers = Workers(Location(tmp_path, ""), tmp_path, {}, 2, run)
        started.append(workers)
        return workers

    yield start
    for workers in started:
        workers.stop()


def test_a_worker_that_ends_before_it_listens_fails_the_start(
    start: Callable[..., Workers],
) -> None:
    with pytest.raises(WorkersFailed):
        start(end).wait_until_ready()


def test_a_worker_that_ends_after_it_listened_is_replaced(
    start: Callable[..., Workers], tmp_path: Path
) -> None:
    """This holds also while another worker is still starting."""
    start(listen_and_end).wait_until_ready()
    until = time.monotonic() + WITHIN
    while (tmp_path / "first").read_text().count("started") < 2:
        assert time.monotonic() < until
        time.sleep(0.01)
