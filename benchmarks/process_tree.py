"""The processes that a process has started: their memory, and pausing some of them. Linux only."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROC: Final = Path("/proc")
KIBIBYTE: Final = 1024
WORKER: Final = b"multiprocessing.spawn"  # in the command line of a process of multiprocessing


def family(pid: int) -> list[int]:
    """Return the ids of a process and of all its descendants."""
    ids = [pid]
    for each in ids:  # grows while it is read
        for children in PROC.glob(f"{each}/task/*/children"):
            with suppress(OSError):  # the thread has ended
                ids += map(int, children.read_text().split())
    return ids


def workers(pid: int) -> list[int]:
    """Return the ids of the descendants that multiprocessing has started.

    Raises:
        RuntimeError: there are none.
    """
    found = [each for each in family(pid) if WORKER in (PROC / str(each) / "cmdline").read_bytes()]
    if not found:
        raise RuntimeError(f"Process {pid} has no worker processes.")
    return found


def memory(pid: int) -> int:
    """Return the bytes of memory of a process and all its descendants.

    The sum of their proportional set sizes counts memory that they share only once.
    """
    return sum(map(_proportional_set_size, family(pid)))


def _proportional_set_size(pid: int) -> int:
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * KIBIBYTE
    raise RuntimeError(f"Linux does not tell the memory of process {pid}.")


@contextmanager
def paused(pids: Sequence[int]) -> Iterator[None]:
    """Stop processes until the end of the block."""
    _signal(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(pids, signal.SIGCONT)


@contextmanager
def resumed(pids: Sequence[int]) -> Iterator[None]:
    """Let processes that are paused run until the end of the block."""
    _signal(pids, signal.SIGCONT)
    try:
        yield
    finally:
        _signal(pids, signal.SIGSTOP)


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)
