"""Runs this project's stack and the predecessor on this machine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, Final

import httpx2

from benchmarks.process_runner import ENVIRONMENT
from infra.local.network import LOOPBACK, listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = ROOT / ".venv-predecessor/bin/python"
MAKE_RUN: Final = ("make", "--no-print-directory", "run", "LOCALSTACK=", "AWS_ENDPOINT_URL=")
# `make bench` passes its own options to programs that it starts in these variables.
MAKE_VARIABLES: Final = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
STACK_ENVIRONMENT: Final = {
    **{name: value for name, value in ENVIRONMENT.items() if name not in MAKE_VARIABLES},
    "PORT": "0",
}
QUIET: Final = ("--log-level", "warning")  # no line per request, as in this project's stack
READY: Final = re.compile(rb"is ready: (http://\S+?)/?\s")
START_TIMEOUT: Final = 60.0  # seconds
MAX_OUTPUT: Final = 65_536  # bytes
STOP_TIMEOUT: Final = 20.0  # seconds
POLL_INTERVAL: Final = 0.05  # seconds
OUTPUT_INTERVAL: Final = 0.002  # seconds between two reads of the output of a starting stack


def unavailable() -> str:
    """Return why the predecessor cannot be measured; empty if it can."""
    if not shutil.which("redis-server"):
        return (
            "redis-server is not installed; on Debian or Ubuntu, run `apt-get install redis-server`"
        )
    if not PYTHON.exists():
        return "its virtual environment does not exist; run `make bench`"
    return ""


@dataclass(frozen=True, slots=True)
class Stack:
    """This project's stack while it runs.

    Attributes:
        url: the URL of the API.
        pid: the id of the process of `make`.
        start_seconds: the time from the start of that process until the stack was ready.
    """

    url: str
    pid: int
    start_seconds: float


@contextmanager
def barback(workers: int = 1) -> Iterator[Stack]:
    """Run `make run` with an empty data folder; yields the stack when it is ready."""
    with TemporaryDirectory() as data:
        environment = {**STACK_ENVIRONMENT, "DATA_DIR": data, "WORKERS": str(workers)}
        started = time.perf_counter()
        with _process(MAKE_RUN, environment) as (process, output):
            url = _printed_url(process, output)
            yield Stack(url, process.pid, time.perf_counter() - started)


@contextmanager
def predecessor(engine: str, workers: int) -> Iterator[str]:
    """Run the predecessor with that many worker processes; yields its URL when it is ready.

    Args:
        engine: `keras` for the predecessor's model, or `litert` for this project's.
        workers: the number of worker processes.
    """
    port = _free_port()
    with ExitStack() as running:
        redis = running.enter_context(_redis())
        environment = {**ENVIRONMENT, "REDIS_URL": redis, "ENGINE": engine}
        for arguments in (
            ("celery", "-A", "benchmarks.predecessor:celery", "worker", "-c", str(workers)),
            ("uvicorn", "benchmarks.predecessor:api", "--port", str(port), *QUIET),
        ):
            command = [str(PYTHON), "-m", *arguments]
            running.enter_context(_process(command, environment))
        yield _wait_until_ready(port, "/openapi.json")


@contextmanager
def _redis() -> Iterator[str]:
    """Run Redis without persistence; yields its URL."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--bind", LOOPBACK, "--port", str(port), "--dir", folder]
        with _process([*command, "--save", "", "--appendonly", "no"], ENVIRONMENT):
            yield f"redis://{LOOPBACK}:{port}/0"


@contextmanager
def _process(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], BinaryIO]]:
    """Run a program in a new process group, so that its child processes can be killed too.

    Yields the process and its output.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process, output
        except Exception as error:
            output.seek(0)
            text = output.read().decode(errors="replace")
            raise RuntimeError(f"The output of {' '.join(command)} was:\n{text}") from error
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _printed_url(process: subprocess.Popen[bytes], output: BinaryIO) -> str:
    """Wait until a stack prints that it is ready, and return its URL."""
    deadline = time.monotonic() + START_TIMEOUT
    while not (found := READY.search(os.pread(output.fileno(), MAX_OUTPUT, 0))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The stack did not start within {START_TIMEOUT:.0f} s.")
        time.sleep(OUTPUT_INTERVAL)
    return found[1].decode()


def _wait_until_ready(port: int, path: str) -> str:
    """Wait until a GET of the path succeeds, and return the URL of the service."""
    url = f"http://{LOOPBACK}:{port}"
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            httpx2.get(url + path, trust_env=False).raise_for_status()
        except httpx2.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_INTERVAL)
        else:
            return url


def _free_port() -> int:
    with listener(0) as bound:
        port: int = bound.getsockname()[1]
        return port
