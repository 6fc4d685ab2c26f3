"""Starts the built functions in containers, under Lambda's Runtime Interface Emulator.

The worker runs in its own image, and the API in AWS's image with the output of `sam build`.
"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import aws_stub
from infra.local.network import LOOPBACK, listener

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
BUILD: Final = ROOT / ".aws-sam/build"
TIMEOUT: Final = 60.0  # seconds from the start of a container to its response
HANDLER: Final = "benchmarks.emulator_handler.handler"
INVOKE: Final = "2015-03-31/functions/function/invocations"
IMAGES: Final = {
    "api": "public.ecr.aws/lambda/python:3.13",
    "worker": "workerfunction:worker",
}
PATHS: Final = {
    "api": "/bench:/var/task:/opt/tasks/python:/opt/model/python",
    "worker": "/bench:/opt/python",
}
# Lambda puts all layers into /opt; here each layer has its own folder below /opt.
MOUNTS: Final = {
    "api": {
        BUILD / "ApiFunction": "/var/task",
        BUILD / "TasksLayer": "/opt/tasks",
        BUILD / "ModelLayer": "/opt/model",
    },
    "worker": {},
}


def unavailable() -> str:
    """Return why the containers cannot be measured; empty if they can."""
    if not all(path.is_dir() for path in MOUNTS["api"]):
        return "the functions are not built; run `make build`"
    for image in IMAGES.values():
        try:
            docker("image", "inspect", image)
        except (OSError, RuntimeError):
            return f"Docker is not running or has no image {image}; run `make build`"
    return ""


def docker(*arguments: str) -> str:
    """Run a Docker command and return its output.

    Raises:
        RuntimeError: the command failed.
    """
    process = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)  # noqa: S607
    if process.returncode:
        raise RuntimeError(process.stderr)
    return process.stdout.strip()


def run_options(function: str, **variables: str) -> list[str]:
    """Return the options of `docker run` for a function: its volumes and its environment."""
    mounts = {ROOT / "benchmarks": "/bench/benchmarks", **MOUNTS[function]}
    environment = {**aws_stub.ENVIRONMENT, "PYTHONPATH": PATHS[function], **variables}
    volumes = [word for path, at in mounts.items() for word in ("-v", f"{path}:{at}:ro")]
    assignments = [
        word for name, value in environment.items() for word in ("-e", f"{name}={value}")
    ]
    return [*volumes, *assignments]


def imported_modules(function: str) -> list[str]:
    """Return the modules that a function has imported by its first response, in order."""
    command = ("-m", "benchmarks.cold_start_process", function, "modules")
    entry = ("--rm", "--entrypoint", "python3.13")
    report = docker("run", *entry, *run_options(function), IMAGES[function], *command)
    modules: list[str] = json.loads(report.splitlines()[-1])["modules"]
    return modules


@contextmanager
def container(port: int, *arguments: str) -> Iterator[None]:
    """Run a container within the context, with the emulator on that port."""
    name = docker("run", "--detach", "-p", f"{LOOPBACK}:{port}:8080", *arguments)
    try:
        yield
    finally:
        docker("rm", "--force", name)


def invoke(port: int, event: dict[str, Any]) -> dict[str, Any]:
    """Send an event, repeatedly until the emulator listens, and return the response."""
    url = f"http://{LOOPBACK}:{port}/{INVOKE}"
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            with urllib.request.urlopen(url, json.dumps(event).encode(), TIMEOUT) as http:
                response: dict[str, Any] = json.load(http)
                return response
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def start(function: str, stage: str, modules: list[str]) -> float:
    """Start a container for a stage of `cold_start_process`; return the seconds to its response."""
    with listener(0) as bound:
        port: int = bound.getsockname()[1]
    settings = run_options(function, FUNCTION=function, STAGE=stage, MODULES=json.dumps(modules))
    event = aws_stub.first_event(function)
    started = time.perf_counter()
    with container(port, *settings, IMAGES[function], HANDLER):
        response = invoke(port, event)
        seconds = time.perf_counter() - started
    if stage == "response":
        aws_stub.check_response(function, response)
    elif response:
        raise RuntimeError(f"The container of {function} failed: {response}")
    return seconds
