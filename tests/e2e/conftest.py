"""The built functions in containers: `sam local` for the API, RIE for the two workers.

The functions are those in .aws-sam/build; `make e2e` runs `sam build` first.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest

from infra.local.network import LOOPBACK, listener
from infra.local.stack import running_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parents[2]
SAM: Final = ROOT / ".venv-sam/bin/sam"
AWS_PORT: Final = 8001  # the port in samconfig.toml
WORKER_IMAGE: Final = "workerfunction:worker"
HOST: Final = "host.docker.internal"
LIMIT: Final = 90.0  # seconds for anything to start


def free_port() -> int:
    with listener(0) as bound:
        port: int = bound.getsockname()[1]
        return port


def wait_for(condition: Callable[[], object], what: str, limit: float = LIMIT) -> None:
    """Poll until a condition holds; network errors count as not yet."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        try:
            if condition():
                return
        except (OSError, httpx2.TransportError):
            pass
        time.sleep(0.1)
    pytest.fail(f"{what} in {limit:.0f} s")


def answers(port: int) -> bool:
    with socket.create_connection((LOOPBACK, port)):
        return True


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def worker_container(lanes: str) -> Iterator[str]:
    """Run the worker's image for some lanes under the Runtime Interface Emulator; yield its URL."""
    port = free_port()
    queue = f"http://{HOST}:{AWS_PORT}/123456789012"
    environment = {
        "LANES": lanes,
        "AWS_ENDPOINT_URL": f"http://{HOST}:{AWS_PORT}",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "TABLE_NAME": "TaskTable",
        "TASK_QUEUE_URL": f"{queue}/TaskQueue",
        "BULK_QUEUE_URL": f"{queue}/BulkQueue",
        "DOCUMENT_QUEUE_URL": f"{queue}/DocumentQueue",
        "DOCUMENT_BUCKET": "documentbucket",
        "MODEL_ENGINE": "litert",
    }
    settings = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    published = ["-p", f"{LOOPBACK}:{port}:8080", "--add-host", f"{HOST}:host-gateway"]
    name = docker("run", "--detach", *published, *settings, WORKER_IMAGE)
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        print(docker("logs", name))
        docker("rm", "--force", name)


@contextmanager
def gateway(port: int, log: Path) -> Iterator[str]:
    """Run `sam local start-api` over the built functions; yield its URL."""
    command = [str(SAM), "local", "start-api", "--skip-pull-image", "--port", str(port)]
    # SAM prefers the shell's variables to those of the template, so it gets only these.
    environment = {name: os.environ[name] for name in ("HOME", "PATH")}
    environment |= {"AWS_DEFAULT_REGION": "us-east-1", "SAM_CLI_TELEMETRY": "0"}
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, env=environment, start_new_session=True
        ) as process,
    ):
        try:
            wait_for(lambda: answers(port), "no gateway")
            yield f"http://{LOOPBACK}:{port}"
        finally:
            process.terminate()
            try:
                process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """Run everything and return a client of the gateway."""
    log = tmp_path_factory.mktemp("sam") / "log"
    try:
        with (
            worker_container("interactive,bulk") as worker_url,
            worker_container("document") as document_url,
            running_stack(
                0,
                aws_port=AWS_PORT,
                remote_urls={"WorkerFunction": worker_url, "DocumentFunction": document_url},
            ),
            gateway(free_port(), log) as url,
            httpx2.Client(base_url=url, timeout=LIMIT) as client,
        ):
            yield client
    finally:
        print(log.read_text() if log.exists() else "")


@pytest.fixture
def finished(http: httpx2.Client) -> Callable[[dict[str, str]], dict[str, Any]]:
    """Return a function that polls a task's result until it is final."""

    def finish(task: dict[str, str]) -> dict[str, Any]:
        wait_for(lambda: http.get(task["url_result"]).status_code != 202, "no result")
        result: dict[str, Any] = http.get(task["url_result"]).json()
        return result

    return finish
