"""Measures how this project's stack on one machine starts, scales and shares its workers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Final

import httpx2

from benchmarks import command_line, services
from benchmarks.backlog import ARRAY, TIMEOUT, backlog
from benchmarks.drinks import make_drinks
from benchmarks.figures import Figure, alternate
from benchmarks.process_runner import run_process
from benchmarks.process_tree import memory, paused, resumed, workers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.backlog import Backlog

LARGE_FILE: Final = 3_000  # drinks
SMALL_FILE: Final = 300
LONG_QUEUE: Final = 20_000  # tasks
SHORT_QUEUE: Final = 100
PROCESSED: Final = 2_000  # tasks in each measurement of a queue
OTHERS_TASKS: Final = 10_000
SINGLE_TASKS: Final = 7  # in each measurement of one caller's tasks
REMEMBERED: Final = 20_000  # tasks before the memory is read
WAIT: Final = {"x-api-key": "single", "Prefer": "wait=20"}
MEGABYTE: Final = 1_000_000


def figures() -> Iterator[Figure]:
    """Measure all figures."""
    yield start()
    yield file_size()
    yield queue_length()
    yield fairness()
    yield memory_growth()


def start() -> Figure:
    """Compare the start with the imports of the API and of the worker, run at the same time.

    The start is that of `make run`, from the process of `make` until the stack says that it is
    ready. Everything is installed and compiled.
    """
    parts = [run_process("stack_modules_process", part).reports[0] for part in ("api", "worker")]
    _start_seconds()
    rounds = alternate(_start_seconds, partial(import_seconds, [part["modules"] for part in parts]))
    return Figure("start to ready / its imports", "s", rounds)


def _start_seconds() -> float:
    with services.barback() as stack:
        return stack.start_seconds


def import_seconds(parts: Sequence[Sequence[str]]) -> float:
    """Return the time until each of several processes has imported its modules."""
    with ThreadPoolExecutor(len(parts)) as pool:
        found = pool.map(
            lambda part: run_process("import_process", MODULES=json.dumps(part)), parts
        )
        return max(measurement.seconds for measurement in found)


def file_size() -> Figure:
    """Compare the time per drink of a large file and of a small one, through the command line."""
    with services.barback() as stack, TemporaryDirectory() as folder:

        def milliseconds(drinks: int) -> float:
            file = command_line.write_drinks(Path(folder), drinks)
            return 1000 * command_line.seconds(stack.url, file) / drinks

        milliseconds(SMALL_FILE)
        rounds = alternate(partial(milliseconds, LARGE_FILE), partial(milliseconds, SMALL_FILE))
    name = f"per drink: a file of {LARGE_FILE:,} / of {SMALL_FILE:,}"
    return Figure(name, "ms", rounds)


@dataclass(frozen=True, slots=True)
class LoadedStack:
    """A stack whose queue is full, and whose workers are paused between measurements."""

    url: str
    waiting: Backlog
    tasks: int
    workers: Sequence[int]

    def throughput(self) -> float:
        """Return the tasks that the workers finish per second while the queue is full."""
        with resumed(self.workers):
            self.waiting.process(1, self.tasks)
            return self.waiting.process(PROCESSED // ARRAY, self.tasks)

    def latency(self) -> float:
        """Return the milliseconds of another caller's task while the queue is full.

        Raises:
            RuntimeError: the queue was empty before the end.
        """
        with resumed(self.workers):
            self.waiting.process(1, self.tasks)
            milliseconds = latency(self.url)
            if self.waiting.is_done():
                raise RuntimeError("The queue was empty before the end of the measurement.")
            return milliseconds


@contextmanager
def loaded_stack(tasks: int) -> Iterator[LoadedStack]:
    """Run a stack in which that many tasks of one caller wait in the interactive queue."""
    with services.barback() as stack, backlog(stack.url) as waiting:
        pids = workers(stack.pid)
        with paused(pids):
            waiting.fill(tasks)
            yield LoadedStack(stack.url, waiting, tasks, pids)


def queue_length() -> Figure:
    """Compare the throughput with a long queue and with a short one.

    Both queues keep their lengths, because for each array of 100 tasks that is done, another one is
    submitted. So both measurements contain the same work, and differ only in the tasks that wait.
    The tasks are interactive: the worker takes ten of them at a time, so it uses the queue more
    often per task than in the bulk lane, and a short queue does not wait for a full batch. The
    workers of one stack are paused while the other stack is measured.
    """
    with loaded_stack(LONG_QUEUE) as long, loaded_stack(SHORT_QUEUE) as short:
        rounds = alternate(long.throughput, short.throughput)
    name = f"throughput: {LONG_QUEUE:,} tasks queued / {SHORT_QUEUE:,}"
    return Figure(name, "tasks/s", rounds)


def fairness() -> Figure:
    """Compare a caller's single tasks while another caller has many queued, and on an idle stack.

    The other's tasks are interactive too. Each measurement is the median of several tasks, each of
    which is submitted when the one before is done.
    """
    with loaded_stack(OTHERS_TASKS) as busy, services.barback() as idle:
        latency(idle.url)
        rounds = alternate(busy.latency, partial(latency, idle.url))
    name = f"one task: another caller has {OTHERS_TASKS:,} queued / idle stack"
    return Figure(name, "ms", rounds)


def latency(url: str) -> float:
    """Return the median of the milliseconds in which a caller gets the results of single tasks.

    Raises:
        RuntimeError: a task failed, or took too long.
    """
    with httpx2.Client(base_url=url, headers=WAIT, timeout=TIMEOUT, trust_env=False) as http:
        http.get("/api/health").raise_for_status()  # opens the connection
        return median(_milliseconds(http, drink) for drink in make_drinks(SINGLE_TASKS))


def _milliseconds(http: httpx2.Client, drink: Sequence[str]) -> float:
    started = perf_counter()
    response = http.post("/api/process", json={"ingredients": drink})
    elapsed = perf_counter() - started
    if response.status_code != httpx2.codes.OK or response.json()[0]["status"] != "SUCCESS":
        raise RuntimeError(f"A single task ended as {response.text}.")
    return 1000 * elapsed


def memory_growth() -> Figure:
    """Compare the memory of all processes of the stack after many tasks, and after a few."""
    with services.barback() as stack, backlog(stack.url) as waiting:
        found = []
        for tasks in (ARRAY, REMEMBERED - ARRAY):
            waiting.fill(tasks - ARRAY)
            waiting.drain()
            found.append(memory(stack.pid) / MEGABYTE)
    few, many = found
    return Figure(f"memory: after {REMEMBERED:,} tasks / after {ARRAY}", "MB", [(many, few)])
