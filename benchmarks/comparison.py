"""Compares this project's stack with the predecessor's design, on one machine.

The peer is FastAPI, Celery and Redis with this project's LiteRT engine. `client_process` is the
client of both.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks import command_line, services
from benchmarks.figures import ROUNDS, Figure, alternate
from benchmarks.process_runner import run_process

if TYPE_CHECKING:
    from collections.abc import Iterator

TASKS: Final = 100
FILE: Final = 3_000  # drinks
KERAS_ROUNDS: Final = 3  # each takes seconds
PEER: Final = "Celery and Redis"
KERAS: Final = f"{PEER} with Keras `predict`"


def figures() -> Iterator[Figure]:
    """Measure all figures, with one worker process on both sides and with one per processor."""
    with pair() as (ours, peer):
        yield each(ours, peer, f"{PEER} / this project")
        yield array(ours, peer)
        yield file(ours, peer)
    if (workers := len(os.sched_getaffinity(0))) > 1:
        with pair(workers) as (ours, peer):
            yield each(ours, peer, f"{workers} workers, {PEER} / this project")
    with pair(engine="keras") as (ours, peer):
        yield each(ours, peer, f"{KERAS} / this project", KERAS_ROUNDS)


@contextmanager
def pair(workers: int = 1, engine: str = "litert") -> Iterator[tuple[str, str]]:
    """Run both sides and warm them up; yields the URL of this project's stack and of the peer.

    Args:
        workers: the number of worker processes on each side.
        engine: the peer's engine.
    """
    with services.barback(workers) as stack, services.predecessor(engine, workers) as peer:
        for url in (stack.url, peer):
            seconds(url, "each", TASKS)
        yield stack.url, peer


def each(ours: str, peer: str, name: str, rounds: int = ROUNDS) -> Figure:
    """Compare tasks of as many callers, each submitted in a request of its own."""
    peers, own = (partial(seconds, url, "each", TASKS) for url in (peer, ours))
    return Figure(f"{TASKS} callers' tasks: {name}", "s", alternate(peers, own, rounds))


def array(ours: str, peer: str) -> Figure:
    """Compare the same number of tasks, which one caller submits here as an array."""
    rounds = alternate(
        partial(seconds, peer, "each", TASKS), partial(seconds, ours, "array", TASKS)
    )
    return Figure(f"{TASKS} tasks: {PEER} / this project, one array", "s", rounds)


def file(ours: str, peer: str) -> Figure:
    """Compare a file of drinks; the command line submits it here."""
    with TemporaryDirectory() as folder:
        path = command_line.write_drinks(Path(folder), FILE)
        rounds = alternate(
            partial(seconds, peer, "each", FILE), partial(command_line.seconds, ours, path)
        )
    return Figure(f"{FILE:,} drinks: {PEER} / this project's command line", "s", rounds)


def seconds(url: str, way: str, drinks: int) -> float:
    """Return the time from the first submission to the last result, in a process of its own."""
    [report] = run_process("client_process", url, way, str(drinks)).reports
    found: float = report["seconds"]
    return found
