"""Runs this project's stack and the predecessor on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import httpx2

from benchmarks.process_runner import ENVIRONMENT
from infra.local.network import LOOPBACK, listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = ROOT / ".venv-predecessor/bin/python"
START_TIMEOUT: Final = 60.0  # seconds
STOP_TIMEOUT: Final = 20.0  # seconds
POLL_INTERVAL: Final = 0.05  # seconds


def unavailable() -> str:
    """Return why the predecessor cannot be measured; empty if it can."""
    if not shutil.which("redis-server"):
        return (
            "redis-server is not installed; on Debian or Ubuntu, run `apt-get install redis-server`"
        )
    if not PYTHON.exists():
        return "its virtual environment does not exist; run `make bench`"
    return ""


@contextmanager
def barback() -> Iterator[str]:
    """Run this project's stack as `make run` does; yields its URL when it is ready."""
    port = _free_port()
    command = [sys.executable, "-m", "infra.local", "run", "--port", str(port), "--data-dir"]
    with TemporaryDirectory() as data, _process([*command, data], ENVIRONMENT):
        yield _wait_until_ready(port, "/api/health")


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
            ("uvicorn", "benchmarks.predecessor:api", "--port", str(port)),
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
def _process(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    """Run a program in a new process group, so that its child processes can be killed too."""
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
            yield
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
