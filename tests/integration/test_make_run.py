"""`make run`, as a new user starts it."""

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


def group_exists(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def start(port: int, data: Path, **environ: str) -> subprocess.Popen[str]:
    """Start `make run` in its own process group, so that the group can be sent Ctrl-C."""
    make = shutil.which("make")
    assert make is not None
    return subprocess.Popen(
        [make, "--no-print-directory", "run", f"PORT={port}", f"DATA_DIR={data}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environ},
    )


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """Run `make run`; yield the process, the printed URL and the output so far."""
    process = start(free_port(), tmp_path)
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


def test_the_printed_curl_command_works_and_ctrl_c_stops_the_stack(
    stack: tuple[subprocess.Popen[str], str, list[str]],
) -> None:
    """The page is served too, and no process of the group is left."""
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
    # When its recipe has ended, make ends with the same signal.
    remaining_output, _ = process.communicate(timeout=DONE_WITHIN)
    assert process.returncode in (0, -signal.SIGINT)
    assert "Stopping." in remaining_output
    assert "Traceback" not in remaining_output
    assert "Error" not in remaining_output
    until = time.monotonic() + DONE_WITHIN
    while group_exists(process.pid):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_second_stack_on_the_same_port_stops_with_advice(tmp_path: Path) -> None:
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        process = start(occupied.getsockname()[1], tmp_path)
        output, _ = process.communicate(timeout=READY_WITHIN)
    assert process.returncode != 0
    assert "is in use; choose another with PORT=" in output
    assert "Traceback" not in output
