"""The processes under test, as their parent starts, kills and replaces them."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from infra.chaos.counters import Counters, Metric
from infra.chaos.processes import ChildSettings, run_api, run_worker
from infra.emulated.stack import API

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from multiprocessing.context import SpawnProcess
    from random import Random

    from infra.local.definitions import Function

WORKERS: Final = 2
STOP_TIMEOUT: Final = 6.0  # seconds that a process may take to exit after SIGTERM
BATCH_TIMEOUT: Final = 4.0  # seconds to wait until a worker has a batch in progress
POLL_INTERVAL: Final = 0.001  # seconds between two checks for a batch in progress
MAX_KILL_DELAY: Final = 0.06  # seconds between the start of a batch and the kill


class Cluster:
    """One API process and several worker processes."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        bound: socket.socket,
        poison: frozenset[str],
        rng: Random,
        log: str,
    ) -> None:
        self.disruptions: Counter[str] = Counter()
        self._context = multiprocessing.get_context("spawn")
        self._api_arguments = (functions[API], bound)
        self._worker_arguments = (
            [function for function in functions.values() if function.event_sources],
            poison,
        )
        self._rng = rng
        self._log = log
        self._counters: list[Counters] = []
        self._api = self._start_api()
        self._workers = [self._start_worker() for _ in range(WORKERS)]

    def _start_api(self) -> SpawnProcess:
        return self._start(run_api, *self._api_arguments)[0]

    def _start_worker(self) -> tuple[SpawnProcess, Counters]:
        return self._start(run_worker, *self._worker_arguments)

    def _start(
        self, target: Callable[..., None], *arguments: object
    ) -> tuple[SpawnProcess, Counters]:
        cells = self._context.RawArray("q", len(Metric))
        settings = ChildSettings(cells, str(self._rng.random()), self._log)
        process = self._context.Process(target=target, args=(settings, *arguments), daemon=True)
        process.start()
        counters = Counters(cells)
        self._counters.append(counters)
        return process, counters

    def kill_worker(self) -> None:
        """Kill a worker with SIGKILL, if possible during a batch, and start another."""
        index = self._rng.randrange(WORKERS)
        process, counters = self._workers[index]
        self._wait_for_batch(counters)
        process.kill()
        process.join()
        self.disruptions["workers killed"] += 1
        self.disruptions["workers killed during a batch"] += bool(
            counters[Metric.BATCHES_IN_PROGRESS]
        )
        self._workers[index] = self._start_worker()

    def _wait_for_batch(self, counters: Counters) -> None:
        """Wait until a random moment within a batch; give up after `BATCH_TIMEOUT`."""
        until = time.monotonic() + BATCH_TIMEOUT
        while time.monotonic() < until:
            if counters[Metric.BATCHES_IN_PROGRESS]:
                time.sleep(self._rng.uniform(0, MAX_KILL_DELAY))
                if counters[Metric.BATCHES_IN_PROGRESS]:
                    return
            time.sleep(POLL_INTERVAL)

    def kill_api(self) -> None:
        """Kill the API with SIGKILL and start another."""
        self._api.kill()
        self._api.join()
        self.disruptions["API killed"] += 1
        self._api = self._start_api()

    def restart_api(self) -> None:
        """Stop the API with SIGTERM, as a deployment does, and start another."""
        _stop(self._api)
        self.disruptions["API restarted"] += 1
        self._api = self._start_api()

    def stop_workers(self) -> None:
        """Stop the workers; each finishes its current batch."""
        for process, _ in self._workers:
            process.terminate()
        for process, _ in self._workers:
            _stop(process)

    def stop(self) -> None:
        """Stop all processes."""
        self.stop_workers()
        _stop(self._api)

    def faults(self) -> Counter[str]:
        """Return the faults that all processes counted, including the killed ones."""
        return Counter(
            {
                str(metric): sum(counters[metric] for counters in self._counters)
                for metric in Metric
                if metric is not Metric.BATCHES_IN_PROGRESS
            }
        )


def _stop(process: SpawnProcess) -> None:
    process.terminate()
    process.join(STOP_TIMEOUT)
    process.kill()
    process.join()
