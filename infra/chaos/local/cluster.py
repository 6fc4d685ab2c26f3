"""A stack on one machine, as the run starts, kills and restarts it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from infra.chaos.children import Children
from infra.chaos.local.inspection import SqliteQueues, record_changes, recorded_changes
from infra.chaos.local.processes import StackUnderTest, run_faulty_worker, run_stack
from infra.chaos.template import chaos_template
from infra.local.network import LOOPBACK, listener
from infra.local.ports import Location, open_ports
from infra.local.storage.database import BUSY_TIMEOUT, open_database

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from random import Random

    from infra.chaos.children import Child
    from infra.chaos.inspection import Change
    from infra.chaos.local.processes import WorkerMain
    from infra.chaos.target import TargetSettings

START_TIMEOUT: Final = 60.0  # seconds
STOP_TIMEOUT: Final = 30.0  # seconds that a stack may take to exit after SIGTERM
LONGEST_LOCK: Final = BUSY_TIMEOUT + 2  # seconds; longer than writers wait


@contextmanager
def local_target(
    settings: TargetSettings, worker: WorkerMain = run_faulty_worker
) -> Iterator[LocalCluster]:
    """Prepare a data folder; stop the stack on exit. `worker` is the main function of workers."""
    template = settings.folder / "template.json"
    template.write_text(json.dumps(chaos_template()))
    stack = StackUnderTest(settings.folder / "data", template, settings.poison, worker)
    with listener(0) as bound:
        cluster = LocalCluster(stack, bound, Children(settings), settings.rng)
        try:
            yield cluster
        finally:
            cluster.stop()


class LocalCluster:
    """One stack: a process with the API, and its worker processes."""

    def __init__(
        self, stack: StackUnderTest, bound: socket.socket, children: Children, rng: Random
    ) -> None:
        self.url = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
        self.disruptions: Counter[str] = Counter()
        self._database = open_database(stack.data)
        record_changes(self._database)
        location = Location(stack.data, self.url, template=stack.template)
        ports = open_ports(location, lambda _: None)
        self.queues = SqliteQueues(ports.queues, chaos_template())
        self._arguments = (stack, bound)
        self._children = children
        self._rng = rng
        self._ready = children.event()
        self._stacks: list[Child] = []  # one, or none while the stack is down

    def start(self) -> None:
        """Start the stack."""
        self._ready = self._children.event()
        self._stacks.append(self._children.start(run_stack, *self._arguments, self._ready))

    def plan(self, tasks: int) -> Sequence[Callable[[], None]]:
        """Return kills of workers and of the stack, restarts, and long locks of the database."""
        return [
            *[self.kill_worker] * max(3, tasks // 125),
            *[self.kill_parent, self.kill_everything, self.restart, self.lock_database]
            * max(1, tasks // 600),
        ]

    def kill_worker(self) -> None:
        """Kill a worker with SIGKILL, if possible during a batch. The stack replaces it.

        A stack whose worker ends while it starts ends too, so this waits for the start.
        """
        self._ready.wait(START_TIMEOUT)
        worker = self._children.wait_for_batch()
        if worker is None:
            return
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
            self.disruptions["workers killed"] += 1
            self.disruptions["workers killed during a batch"] += self._children.is_busy(worker)
        self._children.forget([worker])

    def kill_parent(self) -> None:
        """Kill only the process that has started the workers, and start the stack again."""
        self._kill("parents killed", os.kill)

    def kill_everything(self) -> None:
        """Kill all processes of the stack at once, and start it again."""
        self._kill("stacks killed", os.killpg)

    def _kill(self, name: str, kill: Callable[[int, int], None]) -> None:
        stack = self._stacks.pop()
        worker = self._children.wait_for_batch()
        kill(stack.pid, signal.SIGKILL)
        stack.wait()
        self.disruptions[name] += 1
        if worker is not None:
            self.disruptions[f"{name} during a batch"] += self._children.is_busy(worker)
        self._start_again()

    def _start_again(self) -> None:
        self._children.forget(self._children.running_workers())
        self.start()

    def restart(self) -> None:
        """Stop the stack as Ctrl-C does, and start it again."""
        self.stop()
        self.disruptions["stacks restarted"] += 1
        self._start_again()

    def lock_database(self) -> None:
        """Hold SQLite's write lock for seconds, as a slow disk or a backup does."""
        with self._database.transaction():
            time.sleep(self._rng.uniform(0, LONGEST_LOCK))
        self.disruptions["locks of the database held"] += 1

    @contextmanager
    def without_workers(self) -> Iterator[None]:
        """Stop the stack within the context."""
        self.stop()
        yield
        self._start_again()

    def stop(self) -> None:
        """Stop the stack."""
        while self._stacks:
            self._stacks.pop().stop(STOP_TIMEOUT)

    def changes(self) -> Iterable[Change]:
        """Read what the triggers recorded."""
        return recorded_changes(self._database)

    def faults(self) -> Counter[str]:
        """Return the faults that the processes counted."""
        return self._children.faults()
