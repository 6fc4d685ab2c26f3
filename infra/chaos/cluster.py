"""The child processes, as their parent starts, kills and replaces them."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from infra.chaos.counters import INSIDE, NAMES, Tally
from infra.chaos.processes import Orders, serve, work

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from multiprocessing.context import SpawnProcess
    from random import Random

    from infra.local.deployment import Function

WORKERS: Final = 2
GRACE: Final = 6.0  # seconds that a child may take to end by itself
CATCH: Final = 4.0  # seconds to wait for a worker that has a batch in hand
LOOK: Final = 0.001  # seconds between two looks at what a worker has in hand
LINGER: Final = 0.06  # seconds at most between the begin of a batch and the kill


class Fleet:
    """One API and a few workers."""

    def __init__(
        self,
        functions: Sequence[Function],
        bound: socket.socket,
        poison: frozenset[str],
        chance: Random,
        log: str,
    ) -> None:
        self.acts: Counter[str] = Counter()
        self._context = multiprocessing.get_context("spawn")
        self._work = (functions, poison)
        self._bound = bound
        self._chance = chance
        self._log = log
        self._tallies: list[Tally] = []
        self._api = self._start_api()
        self._workers = [self._start_worker() for _ in range(WORKERS)]

    def _start_api(self) -> SpawnProcess:
        return self._start(serve, self._bound)[0]

    def _start_worker(self) -> tuple[SpawnProcess, Tally]:
        return self._start(work, *self._work)

    def _start(self, target: Callable[..., None], *arguments: object) -> tuple[SpawnProcess, Tally]:
        cells = self._context.RawArray("q", len(NAMES))
        seed = f"{self._chance.random()}"
        process = self._context.Process(
            target=target, args=(Orders(cells, seed, self._log), *arguments), daemon=True
        )
        process.start()
        tally = Tally(cells)
        self._tallies.append(tally)
        return process, tally

    def kill_worker(self) -> None:
        """End a worker with SIGKILL, with a batch in hand if it gets one soon, and replace it."""
        index = self._chance.randrange(WORKERS)
        process, tally = self._workers[index]
        until = time.monotonic() + CATCH
        while time.monotonic() < until:
            if tally[INSIDE]:
                time.sleep(self._chance.uniform(0, LINGER))
                if tally[INSIDE]:
                    break
            time.sleep(LOOK)
        process.kill()
        process.join()
        self.acts["workers killed"] += 1
        self.acts["workers killed in mid-batch"] += bool(tally[INSIDE])
        self._workers[index] = self._start_worker()

    def kill_api(self) -> None:
        """End the API with SIGKILL and start another."""
        self._api.kill()
        self._api.join()
        self.acts["API killed"] += 1
        self._api = self._start_api()

    def restart_api(self) -> None:
        """Ask the API to stop, as a deployment does, and start another."""
        _end(self._api)
        self.acts["API restarted"] += 1
        self._api = self._start_api()

    def stop_workers(self) -> None:
        """Stop the workers; a batch that was begun is finished."""
        for process, _ in self._workers:
            process.terminate()
        for process, _ in self._workers:
            _end(process)

    def stop(self) -> None:
        """Stop everything."""
        self.stop_workers()
        _end(self._api)

    def counts(self) -> Counter[str]:
        """Return what all children counted, those among them that were killed."""
        return Counter(
            {name: sum(tally[name] for tally in self._tallies) for name in NAMES if name != INSIDE}
        )


def _end(process: SpawnProcess) -> None:
    process.terminate()
    process.join(GRACE)
    process.kill()
    process.join()
