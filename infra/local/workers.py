"""The worker processes of a stack: started, replaced when they die, and stopped."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from typing import TYPE_CHECKING, Final

from infra.local.worker import WorkerSettings, run_worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import SpawnProcess
    from pathlib import Path

    from infra.local.ports import Location

READY_TIMEOUT: Final = 60.0  # seconds for a worker to load its model
STOP_TIMEOUT: Final = 20.0  # seconds for a worker to finish its batches
CHECK_INTERVAL: Final = 0.5  # seconds between two checks whether a worker has died

logger = logging.getLogger(__name__)


class WorkersFailed(Exception):
    """The worker processes did not start; the message or the log says why."""


class Workers:
    """A fixed number of worker processes."""

    def __init__(
        self,
        location: Location,
        sockets: Path,
        parameters: dict[str, str],
        count: int,
        run: Callable[[WorkerSettings], None] = run_worker,
        timeout: float = READY_TIMEOUT,
    ) -> None:
        """Args: `run` is the main function of a worker process, `timeout` of its start."""
        self._run = run
        self._timeout = timeout
        self._context = multiprocessing.get_context("spawn")
        self._settings = [
            WorkerSettings(location, sockets, number, parameters) for number in range(count)
        ]
        self._processes = [self._start(settings) for settings in self._settings]
        self._stopping = threading.Event()
        self._monitor = threading.Thread(target=self._replace_dead, daemon=True)

    def _start(self, settings: WorkerSettings) -> SpawnProcess:
        process = self._context.Process(target=self._run, args=(settings,), daemon=True)
        process.start()
        return process

    def wait_until_ready(self) -> None:
        """Wait until every worker listens, then replace those that die, also in the meantime.

        Raises:
            WorkersFailed: a worker ended before it listened, or took too long.
        """
        until = time.monotonic() + self._timeout
        while starting := self._starting():
            for process in starting:
                if not process.is_alive():
                    raise WorkersFailed(_end_of(process.exitcode))
            if time.monotonic() > until:
                raise WorkersFailed(
                    f"A worker was not ready after {self._timeout:.0f} seconds; let its model or "
                    "its pipelines load faster."
                )
            time.sleep(0.01)
        self._monitor.start()

    def _starting(self) -> list[SpawnProcess]:
        """Return the processes that did not listen yet."""
        pairs = zip(self._settings, self._processes, strict=True)
        return [process for settings, process in pairs if not settings.socket.exists()]

    def _replace_dead(self) -> None:
        while not self._stopping.wait(CHECK_INTERVAL):
            for index, process in enumerate(self._processes):
                if not process.is_alive():
                    logger.warning("A worker ended unexpectedly and is replaced")
                    self._processes[index] = self._start(self._settings[index])

    def stop(self) -> None:
        """Let the workers finish their batches, and kill those that take too long.

        If they are not all ready yet, they are killed at once: loading a model may take long.
        """
        self._stopping.set()
        was_ready = self._monitor.is_alive()
        if was_ready:
            self._monitor.join()
        for process in self._processes:
            process.terminate() if was_ready else process.kill()
        until = time.monotonic() + STOP_TIMEOUT
        for process in self._processes:
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def _end_of(status: int | None) -> str:
    """Describe how a worker ended that was not ready yet."""
    if status == 1:
        return "A worker did not start; the lines above say why."
    by_signal = status is not None and status < 0
    cause = f"signal {abs(status or 0)}" if by_signal else f"exit status {status}"
    return f"A worker ended with {cause} before it was ready; check the code of your pipelines."
