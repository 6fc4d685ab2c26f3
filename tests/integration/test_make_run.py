"""The real `make run`, as a new user starts it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
READY_WITHIN = 60.0  # seconds
DONE_WITHIN = 20.0  # seconds


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def start(port: int) -> subprocess.Popen[str]:
    """Start `make run` in a process group of its own, so that it can be sent Ctrl-C."""
    make = shutil.which("make")
    assert make is not None
    return subprocess.Popen(
        [make, "--no-print-directory", "run", f"PORT={port}", "AWS_PORT=0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


@pytest.fixture
def stack() -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """Run `make run`; yields the process, the URL that it printed and its output until then."""
    process = start(free_port())
    assert process.stdout is not None
    printed: list[str] = []
    watchdog = threading.Timer(READY_WITHIN, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    try:
        for line in process.stdout:
            printed.append(line)
            if "Ctrl-C" in line:
                break
        watchdog.cancel()
        url = re.search(r"ready: (http://127\.0\.0\.1:\d+)/", "".join(printed))
        assert url, "".join(printed)
        yield process, url.group(1), printed
    finally:
        watchdog.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def test_a_new_user_s_first_minutes(stack: tuple[subprocess.Popen[str], str, list[str]]) -> None:
    """The curl line that is printed works, the page is there, and Ctrl-C stops everything."""
    process, url, printed = stack
    curl = next(line for line in printed if "curl" in line)
    target = curl.split("'")[1]
    with httpx2.Client() as http:
        [task] = http.post(target).raise_for_status().json()
        until = time.monotonic() + DONE_WITHIN
        while (result := http.get(url + task["url_result"])).status_code == 202:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert result.json()["status"] == "SUCCESS"
        assert result.json()["result"] not in ("", "milk", "strawberry")
        assert "Barback" in http.get(url).text
    os.killpg(process.pid, signal.SIGINT)
    # make ends itself by the signal when its recipe is done; nothing of the group is left then.
    rest, _ = process.communicate(timeout=DONE_WITHIN)
    assert process.returncode in (0, -signal.SIGINT)
    assert "Stopping." in rest
    assert "Traceback" not in rest
    assert "Error" not in rest
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_port_in_use_is_said_in_a_sentence() -> None:
    """The second stack on a port stops at once and names the way out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(taken.getsockname()[1])
        output, _ = process.communicate(timeout=READY_WITHIN)
    assert process.returncode != 0
    assert "is in use; choose another with PORT=" in output
    assert "Traceback" not in output
