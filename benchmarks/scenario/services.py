"""Starts each design on this machine, and ends what it started."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.engines import ENVIRONMENT
from benchmarks.scenario.client import Client
from infra.local.network import LOOPBACK, listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = ROOT / ".venv-predecessor/bin/python"
STARTED_WITHIN: Final = 60.0  # seconds
STOPPED_WITHIN: Final = 20.0  # seconds


def missing() -> str:
    """Say what keeps the predecessor from being measured; empty if nothing does."""
    if not shutil.which("redis-server"):
        return "there is no redis-server; `apt-get install redis-server` brings it"
    if not PYTHON.exists():
        return "its environment is not set up; `make bench` does it"
    return ""


@contextmanager
def barback() -> Iterator[str]:
    """Run this project's stack as `make run` does; yields its URL once it answers."""
    port = _free_port()
    command = [sys.executable, "-m", "infra.local", "run", "--port", str(port), "--aws-port", "0"]
    with _process(command, ENVIRONMENT):
        yield _answering(port, "/api/health")


@contextmanager
def predecessor(engine: str, workers: int) -> Iterator[str]:
    """Run the predecessor with that many worker processes; yields its URL once it answers.

    The engine is `keras`, its own, or `litert`, this project's.
    """
    port = _free_port()
    with ExitStack() as running:
        redis = running.enter_context(_redis())
        environment = {**ENVIRONMENT, "REDIS_URL": redis, "ENGINE": engine}
        for arguments in (
            ("celery", "-A", "benchmarks.predecessor.worker", "worker", "-c", str(workers)),
            ("uvicorn", "benchmarks.predecessor.api:app", "--port", str(port)),
        ):
            command = [str(PYTHON), "-m", *arguments]
            running.enter_context(_process(command, environment))
        yield _answering(port, "/openapi.json")


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
    """Run a program in a process group of its own, so that what it started ends with it."""
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
            said = output.read().decode(errors="replace")
            raise RuntimeError(f"{' '.join(command)} said: {said}") from error
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answering(port: int, path: str) -> str:
    """Wait until the service on that port answers and return its URL."""
    url = f"http://{LOOPBACK}:{port}"
    until = time.monotonic() + STARTED_WITHIN
    while True:
        try:
            with closing(Client(url)) as client:
                client.call("GET", path)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return url


def _free_port() -> int:
    with listener(0) as bound:
        port: int = bound.getsockname()[1]
        return port
