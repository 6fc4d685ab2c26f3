"""Tests of finding, weighing and pausing the processes of a stack."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.process_tree import family, memory, paused, resumed, workers

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHIN = 10.0  # seconds
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "print(input(), flush=True); input()"])
child.wait()
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    """A process with a child that answers on the parent's standard streams."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("ready\n")
    process.stdin.flush()
    assert process.stdout.readline() == "ready\n"  # both processes run
    yield process
    process.communicate("end\n")


def becomes(pid: int, *, paused: bool) -> bool:
    """Wait until a process is paused, or is not; signals take effect a little later."""
    until = time.monotonic() + WITHIN
    while time.monotonic() < until:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if (state == "T") is paused:
            return True
        time.sleep(0.001)
    return False


def test_a_family_is_a_process_and_its_descendants(parent: subprocess.Popen[str]) -> None:
    own, child = family(parent.pid)
    assert own == parent.pid
    assert family(child) == [child]
    assert {own, child} < set(family(os.getpid()))


def test_the_memory_is_that_of_all_processes(parent: subprocess.Popen[str]) -> None:
    """The kernel gives it in kB, and it changes a little while other processes start and end."""
    text = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in family(parent.pid)]
    kilobytes = [int(found) for each in text for found in re.findall(r"\nPss: +(\d+) kB", each)]
    assert len(kilobytes) == 2
    assert memory(parent.pid) == pytest.approx(1024 * sum(kilobytes), rel=0.1)


def test_processes_are_paused_until_the_end_of_the_block(parent: subprocess.Popen[str]) -> None:
    with paused([parent.pid]):
        assert becomes(parent.pid, paused=True)
        with resumed([parent.pid]):
            assert becomes(parent.pid, paused=False)
        assert becomes(parent.pid, paused=True)
    assert becomes(parent.pid, paused=False)


def test_the_workers_are_the_processes_of_multiprocessing() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(os.getpid) in workers(os.getpid())


def test_a_process_without_workers_is_an_error(parent: subprocess.Popen[str]) -> None:
    with pytest.raises(RuntimeError, match="no worker"):
        workers(parent.pid)
