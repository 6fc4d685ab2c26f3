"""One API process and several worker processes on MiniStack."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from infra.chaos.children import WORKERS, Children
from infra.chaos.emulated.inspection import SqsQueues, stream_changes
from infra.chaos.emulated.processes import run_api, run_worker
from infra.chaos.template import chaos_template
from infra.emulated.ministack import running_ministack
from infra.emulated.stack import API, deployed_stores
from infra.local.network import LOOPBACK, listener

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from infra.chaos.children import Child
    from infra.chaos.inspection import Change
    from infra.chaos.target import TargetSettings
    from infra.local.definitions import Function

STOP_TIMEOUT: Final = 6.0  # seconds that a process may take to exit after SIGTERM


@contextmanager
def emulated_target(settings: TargetSettings) -> Iterator[EmulatedCluster]:
    """Deploy the template to MiniStack; stop the processes on exit."""
    with (
        running_ministack() as endpoint,
        deployed_stores(endpoint, template=chaos_template()) as functions,
        listener(0) as bound,
    ):
        cluster = EmulatedCluster(functions, bound, settings.poison, Children(settings))
        try:
            yield cluster
        finally:
            cluster.stop()


class EmulatedCluster:
    """The processes under test, as the run starts, kills and replaces them."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        bound: socket.socket,
        poison: frozenset[str],
        children: Children,
    ) -> None:
        self.url = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
        self.queues = SqsQueues()
        self.disruptions: Counter[str] = Counter()
        self._table = functions[API].environment["TABLE_NAME"]
        self._api_arguments = (functions[API], bound)
        self._worker_arguments = (
            [function for function in functions.values() if function.event_sources],
            poison,
        )
        self._children = children
        self._apis: list[Child] = []  # one, or none while the stack is down
        self._workers: dict[int, Child] = {}  # by process id

    def start(self) -> None:
        """Start all processes."""
        self._start_api()
        for _ in range(WORKERS):
            self._start_worker()

    def _start_api(self) -> None:
        self._apis.append(self._children.start(run_api, *self._api_arguments))

    def _start_worker(self) -> None:
        worker = self._children.start(run_worker, *self._worker_arguments)
        self._workers[worker.pid] = worker

    def plan(self, tasks: int) -> Sequence[Callable[[], None]]:
        """Return kills of workers, and kills and restarts of the API."""
        return [
            *[self.kill_worker] * max(3, tasks // 125),
            *[self.kill_api, self.restart_api] * max(1, tasks // 600),
        ]

    def kill_worker(self) -> None:
        """Kill a worker with SIGKILL, if possible during a batch, and start another."""
        worker = self._children.wait_for_batch()
        if worker is None:
            return
        self._workers.pop(worker).kill()
        self._children.forget([worker])
        self.disruptions["workers killed"] += 1
        self.disruptions["workers killed during a batch"] += self._children.is_busy(worker)
        self._start_worker()

    def kill_api(self) -> None:
        """Kill the API with SIGKILL and start another."""
        self._apis.pop().kill()
        self.disruptions["API killed"] += 1
        self._start_api()

    def restart_api(self) -> None:
        """Stop the API with SIGTERM, as a deployment does, and start another."""
        self._apis.pop().stop(STOP_TIMEOUT)
        self.disruptions["API restarted"] += 1
        self._start_api()

    @contextmanager
    def without_workers(self) -> Iterator[None]:
        """Stop the workers for good; each finishes its current batch."""
        self._stop_workers()
        yield

    def _stop_workers(self) -> None:
        while self._workers:
            self._workers.popitem()[1].stop(STOP_TIMEOUT)

    def stop(self) -> None:
        """Stop all processes."""
        self._stop_workers()
        while self._apis:
            self._apis.pop().stop(STOP_TIMEOUT)

    def changes(self) -> Iterable[Change]:
        """Read the table's stream."""
        return stream_changes(self._table)

    def faults(self) -> Counter[str]:
        """Return the faults that the processes counted."""
        return self._children.faults()
