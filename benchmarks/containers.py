"""Cold start under Lambda's Runtime Interface Emulator: container start to the first answer.

The worker runs in its image, the API from what `sam build` left, each with the same stub of AWS.
"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from benchmarks import aws_stub as stub
from benchmarks.cold_start import COMPARED, TITLES, ratio_row
from infra.local.network import LOOPBACK, listener

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
BUILD: Final = ROOT / ".aws-sam/build"
ROUNDS: Final = 5
LIMIT: Final = 60.0  # seconds that a container may take
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
# Where Lambda would put what is built, but each layer in a folder of its own.
MOUNTS: Final = {
    "api": {
        BUILD / "ApiFunction": "/var/task",
        BUILD / "TasksLayer": "/opt/tasks",
        BUILD / "ModelLayer": "/opt/model",
    },
    "worker": {},
}


def missing() -> str:
    """Say what keeps the containers from being measured; empty if nothing does."""
    if not all(path.is_dir() for path in MOUNTS["api"]):
        return "nothing is built; `make build` does it"
    for image in IMAGES.values():
        try:
            docker("image", "inspect", image)
        except (OSError, RuntimeError):
            return f"no Docker engine answers that has {image}; `make build` makes it"
    return ""


def docker(*arguments: str) -> str:
    """Run a command of Docker and return what it printed."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)  # noqa: S607
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def options(function: str, **variables: str) -> list[str]:
    """Return how a function's container is run: the folders it sees, the variables it has."""
    mounts = {ROOT / "benchmarks": "/bench/benchmarks", **MOUNTS[function]}
    environment = {**stub.ENVIRONMENT, "PYTHONPATH": PATHS[function], **variables}
    folders = [word for path, at in mounts.items() for word in ("-v", f"{path}:{at}:ro")]
    settings = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    return [*folders, *settings]


def modules_of(function: str) -> str:
    """Return the modules that a function's container has imported by its first answer, as JSON."""
    command = ("-m", "benchmarks.cold_start_process", function, "modules")
    entry = ("--rm", "--entrypoint", "python3.13")
    report = docker("run", *entry, *options(function), IMAGES[function], *command)
    return json.dumps(json.loads(report.splitlines()[-1])["modules"])


@contextmanager
def container(port: int, *arguments: str) -> Iterator[None]:
    """Run a container while in the context, with the emulator at that port."""
    name = docker("run", "--detach", "-p", f"{LOOPBACK}:{port}:8080", *arguments)
    try:
        yield
    finally:
        docker("rm", "--force", name)


def invoke(port: int, event: dict[str, Any]) -> dict[str, Any]:
    """Send an event, again and again until the emulator listens, and return the answer."""
    url = f"http://{LOOPBACK}:{port}/{INVOKE}"
    until = time.monotonic() + LIMIT
    while True:
        try:
            with urllib.request.urlopen(url, json.dumps(event).encode(), LIMIT) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)


def start(function: str, stage: str, modules: str) -> float:
    """Start a container and return the seconds until it has answered."""
    with listener(0) as bound:
        port: int = bound.getsockname()[1]
    settings = options(function, FUNCTION=function, STAGE=stage, MODULES=modules)
    event = stub.event_for(function)
    started = time.perf_counter()
    with container(port, *settings, IMAGES[function], HANDLER):
        answer = invoke(port, event)
        seconds = time.perf_counter() - started
    if answer and not (stage == "answer" and stub.is_right(function, answer)):
        raise RuntimeError(f"The {function} answered {answer}")
    return seconds


def compare() -> Table:
    """Measure both functions' containers in turns and return the medians of the ratios."""
    modules = {name: modules_of(name) for name in COMPARED}
    stages = [(name, stage) for name, found in COMPARED.items() for stage in ("answer", *found)]
    rounds = [
        {(name, stage): start(name, stage, modules[name]) for name, stage in stages}
        for _ in range(ROUNDS)
    ]
    table = Table(
        *("function", "beside", "ratio", "first answer, s", "beside, s"),
        title=f"Cold start, a container under the emulator, median of {ROUNDS} rounds in turns",
    )
    for name, others in COMPARED.items():
        seconds = [found[name, "answer"] for found in rounds]
        for other in others:
            beside = [found[name, other] for found in rounds]
            table.add_row(name, TITLES[other], *ratio_row(seconds, beside))
    return table
