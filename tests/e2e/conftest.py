"""The built functions in containers: `sam local` for the API, RIE for the two workers.

The functions are those in .aws-sam/build; `make e2e` runs `sam build` first.
"""

from __future__ import annotations

import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest

from infra.emulated.environment import SETTINGS
from infra.emulated.ministack import running_ministack
from infra.emulated.sam import base_image, container_environment, running_gateway
from infra.emulated.stack import API, deployed_stores, running_event_sources
from infra.local.network import LOOPBACK, listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.local.definitions import Function

WORKERS: Final = ("WorkerFunction", "DocumentFunction")
WEBHOOKS: Final = "WebhookFunction"
BUILD: Final = Path(__file__).parents[2] / ".aws-sam/build"
# Lambda puts all layers into /opt; here each layer has its own folder below /opt.
MOUNTS: Final = {WEBHOOKS: "/var/task", "TasksLayer": "/opt/tasks", "ModelLayer": "/opt/model"}
WORKER_IMAGE: Final = "workerfunction:worker"
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


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def worker_container(function: Function) -> Iterator[str]:
    """Run a function's image under the Runtime Interface Emulator; yield its URL."""
    port = free_port()
    environment = SETTINGS | container_environment(function.environment)
    settings = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    published = ["-p", f"{LOOPBACK}:{port}:8080"]
    name = docker("run", "--detach", *published, *settings, WORKER_IMAGE)
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        print(docker("logs", name))
        docker("rm", "--force", name)


@contextmanager
def webhook_container(function: Function) -> Iterator[str]:
    """Run the built function of webhooks under the Runtime Interface Emulator; yield its URL.

    It uses the network of this machine, so that it reaches a receiver at 127.0.0.1.
    """
    invocations, runtime = (f"{LOOPBACK}:{free_port()}" for _ in range(2))
    environment = SETTINGS | container_environment(function.environment)
    environment |= {
        "_HANDLER": function.handler,
        "PYTHONPATH": "/opt/tasks/python:/opt/model/python",
    }
    settings = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    mounts = [word for name, at in MOUNTS.items() for word in ("-v", f"{BUILD / name}:{at}:ro")]
    emulator = ["--entrypoint", "/usr/local/bin/aws-lambda-rie", base_image()]
    addresses = [
        *("--runtime-interface-emulator-address", invocations, "--runtime-api-address", runtime),
        "/var/runtime/bootstrap",
    ]
    name = docker("run", "--detach", "--network", "host", *mounts, *settings, *emulator, *addresses)
    try:
        yield f"http://{invocations}"
    finally:
        print(docker("logs", name))
        docker("rm", "--force", name)


@pytest.fixture(scope="session")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """Run everything and return a client of the gateway."""
    log = tmp_path_factory.mktemp("sam") / "log"
    try:
        with ExitStack() as running:
            output = running.enter_context(log.open("w"))
            endpoint = running.enter_context(running_ministack(for_containers=True))
            functions = running.enter_context(deployed_stores(endpoint))
            urls = {
                name: running.enter_context(worker_container(functions[name])) for name in WORKERS
            }
            urls[WEBHOOKS] = running.enter_context(webhook_container(functions[WEBHOOKS]))
            running.enter_context(running_event_sources(functions, urls))
            url, _ = running.enter_context(
                running_gateway(free_port(), functions[API].environment, output)
            )
            yield running.enter_context(httpx2.Client(base_url=url, timeout=LIMIT))
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
