"""Runs a command in the foreground."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING, Any, Final

from infra.signals import STOP_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SIGNALLED: Final = 128  # plus the number of the signal, as a shell gives it


def run_command(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
    """Run a command and return its exit status, as a shell gives it.

    A terminal sends Ctrl-C to both processes, and this one waits until the command ends. SIGTERM is
    passed on. A command that succeeds although it was interrupted counts as interrupted.
    """
    stopped = _Stopped()
    # The command starts with the default handlers, because a process does not inherit functions.
    before = {number: signal.signal(number, stopped.handle) for number in STOP_SIGNALS}
    try:
        with subprocess.Popen(command, cwd=folder, env=environment) as process:  # noqa: S603 - fixed
            stopped.process = process
            status = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if status < 0:
        return SIGNALLED - status
    return status or stopped.status


class _Stopped:
    """Remembers a signal that arrives while a command runs."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.status = 0

    def handle(self, number: int, _frame: Any) -> None:
        self.status = SIGNALLED + number
        if number == signal.SIGTERM and self.process is not None:
            self.process.terminate()
