"""Processes that install packages, one installation at a time."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def run(*command: str | Path) -> int:
    """Run a command in its own process group, which ends with this one on Ctrl-C.

    The command inherits the lock, so that no other installation starts while it runs.
    """
    with subprocess.Popen(command, process_group=0, close_fds=False) as child:  # noqa: S603
        try:
            return child.wait()
        except KeyboardInterrupt:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise


@contextmanager
def only_installation(path: Path) -> Iterator[None]:
    """Wait until no other process installs anything in this checkout."""
    with path.open("w") as lock:
        os.set_inheritable(lock.fileno(), True)  # noqa: FBT003 - it takes no keyword
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another installation in this folder …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
