"""The child processes of a run: how they start, end with the run, and count."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from infra.chaos.counters import Counters, Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from multiprocessing.context import SpawnProcess
    from multiprocessing.synchronize import Event

    from infra.chaos.target import TargetSettings

WORKERS: Final = 2  # worker processes
WORKER: Final = "worker"  # the role of these processes; other roles are not searched for
BATCH_TIMEOUT: Final = 4.0  # seconds to wait until a worker has a batch in progress
POLL_INTERVAL: Final = 0.001  # seconds between two checks for a batch in progress
MAX_KILL_DELAY: Final = 0.06  # seconds between the start of a batch and the kill


@dataclass(frozen=True)
class ChildSettings:
    """Settings of a child process: its seed, its log file and the folder of all counters."""

    seed: str
    log: str
    counters: Path

    def apply(self, role: str) -> tuple[Counters, Random]:
        """Prepare this process: it counts, writes to the log and exits with its parent."""
        threading.Thread(target=_exit_with_parent, daemon=True).start()
        # Ctrl-C signals the parent too, and the parent stops this process.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with Path(self.log).open("a", encoding="utf-8") as log:
            os.dup2(log.fileno(), sys.stderr.fileno())  # C libraries write to this descriptor
        logging.basicConfig(level=logging.WARNING)
        counters = Counters.in_file(self.counters / f"{role}-{os.getpid()}")
        return counters, Random(f"{self.seed}-{os.getpid()}")  # noqa: S311 - not for security


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Child:
    """A running child process."""

    def __init__(self, process: SpawnProcess) -> None:
        process.start()
        self._process = process
        self.pid = process.pid or 0  # never 0 after the start

    def wait(self) -> None:
        """Wait until the process has ended."""
        self._process.join()

    def kill(self) -> None:
        """End the process with SIGKILL."""
        self._process.kill()
        self._process.join()

    def stop(self, timeout: float) -> None:
        """End the process with SIGTERM, or with SIGKILL after that many seconds."""
        self._process.terminate()
        self._process.join(timeout)
        self.kill()


class Children:
    """Starts child processes, and reads what all processes of the run have counted."""

    def __init__(self, settings: TargetSettings) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._folder = settings.folder / "counters"
        self._folder.mkdir()
        self._log = settings.log
        self._rng = settings.rng
        self._workers: dict[int, Counters] = {}  # by the process id
        self._ended: set[int] = set()

    def start(self, target: Callable[..., None], *arguments: object) -> Child:
        """Start a process that calls `target(settings, *arguments)`."""
        settings = ChildSettings(str(self._rng.random()), self._log, self._folder)
        return Child(self._context.Process(target=target, args=(settings, *arguments)))

    def event(self) -> Event:
        """Return an event that a child process can set."""
        return self._context.Event()

    def running_workers(self) -> list[int]:
        """Return the process ids of the workers that have started and were not seen to end."""
        for path in self._folder.glob(f"{WORKER}-*"):
            number = int(path.name.rpartition("-")[2])
            if number not in self._workers:
                self._workers[number] = Counters.in_file(path)
        return sorted(self._workers.keys() - self._ended)

    def forget(self, workers: Iterable[int]) -> None:
        """Note that these workers have ended."""
        self._ended.update(workers)

    def wait_for_batch(self) -> int | None:
        """Wait until a random moment within a batch, and return the worker that processes it.

        After `BATCH_TIMEOUT`, return any worker that is running, or None if there is none.
        """
        until = time.monotonic() + BATCH_TIMEOUT
        while time.monotonic() < until:
            if busy := self._busy():
                worker = self._rng.choice(busy)
                time.sleep(self._rng.uniform(0, MAX_KILL_DELAY))
                if self.is_busy(worker):
                    return worker
            time.sleep(POLL_INTERVAL)
        running = self.running_workers()
        return self._rng.choice(running) if running else None

    def _busy(self) -> list[int]:
        return [worker for worker in self.running_workers() if self.is_busy(worker)]

    def is_busy(self, worker: int) -> bool:
        """Whether a worker has a batch in progress, or had one when it ended."""
        return bool(self._workers[worker][Metric.BATCHES_IN_PROGRESS])

    def faults(self) -> Counter[str]:
        """Return the faults that all processes counted, including the killed ones."""
        counted = [Counters.in_file(path) for path in self._folder.iterdir()]
        totals = Counter(
            {
                str(metric): sum(counters[metric] for counters in counted)
                for metric in Metric
                if metric is not Metric.BATCHES_IN_PROGRESS
            }
        )
        return +totals
