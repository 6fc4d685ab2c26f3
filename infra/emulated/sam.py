"""Runs `sam local start-api`, which serves the built API function in a container."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urlsplit

from infra.emulated.environment import SETTINGS
from infra.local.network import LOOPBACK, docker_gateway
from infra.local.template import read_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = ROOT / ".venv-sam/bin/python"
LAUNCHER: Final = Path(__file__).with_name("child_process.py")
DOCKER_HOST: Final = "host.docker.internal"  # this machine, as Docker Desktop calls it
THIS_MACHINE: Final = (LOOPBACK, "localhost")
# Settings of Docker and of the user. sam prefers a variable of the shell to one of the template,
# so it gets no others.
KEPT: Final = ("DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_HOST", "HOME", "PATH", "TMPDIR")
POLL_INTERVAL: Final = 0.1  # seconds
STOP_TIMEOUT: Final = 30.0  # seconds


class SamFailed(Exception):
    """`sam local start-api` ended before it answered."""


def container_environment(
    environment: Mapping[str, str], gateway: str | None = None
) -> dict[str, str]:
    """Return a function's variables with URLs that reach this machine from a container.

    On Linux, the address of Docker's bridge also reaches it from outside of containers, so that
    signed links work in both places.
    """
    host = gateway or docker_gateway() or DOCKER_HOST
    return {name: _reachable(value, host) for name, value in environment.items()}


def _reachable(value: str, host: str) -> str:
    url = urlsplit(value)
    if url.scheme != "http" or url.hostname not in THIS_MACHINE:
        return value
    return url._replace(netloc=f"{host}:{url.port}").geturl()


@contextmanager
def running_gateway(
    port: int, environment: Mapping[str, str], output: IO[str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run `sam local start-api`; yields its URL and its process once it answers.

    Args:
        port: a free port.
        environment: the variables of the API function.
        output: the file to which sam writes; by default, this process's standard error stream.

    Raises:
        SamFailed: sam ended before it answered.
    """
    with TemporaryDirectory() as folder:
        variables = Path(folder, "variables.json")
        variables.write_text(json.dumps({"Parameters": container_environment(environment)}))
        process = _start(port, variables, output)
        try:
            _wait_until_ready(process, port)
            yield f"http://{LOOPBACK}:{port}", process
        finally:
            _stop(process)


def _start(port: int, variables: Path, output: IO[str] | None) -> subprocess.Popen[bytes]:
    command = ["samcli", "local", "start-api", "--port", str(port), "--env-vars", str(variables)]
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - the command is fixed
        [str(PYTHON), "-P", str(LAUNCHER), *command, *_pull_options()],
        cwd=ROOT,
        env={**environment, **SETTINGS, "SAM_CLI_TELEMETRY": "0"},
        start_new_session=True,  # Ctrl-C ends it only through this process
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
    )


def _pull_options() -> list[str]:
    """Return the option that keeps sam from asking the registry for an image that is here."""
    docker = shutil.which("docker")
    if docker is None:
        return []
    found = subprocess.run(  # noqa: S603 - the command is fixed
        [docker, "image", "inspect", base_image()], capture_output=True, check=False
    )
    return [] if found.returncode else ["--skip-pull-image"]


def base_image() -> str:
    """Return the image in which sam runs the API function on this machine."""
    runtime: str = read_template()["Resources"]["ApiFunction"]["Properties"]["Runtime"]
    is_arm = platform.machine() in ("arm64", "aarch64")
    version = runtime.removeprefix("python")
    return f"public.ecr.aws/lambda/python:{version}-{'arm64' if is_arm else 'x86_64'}"


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    while not _accepts(port):
        if process.poll() is not None:
            raise SamFailed("`sam local start-api` ended; its output names the reason.")
        time.sleep(POLL_INTERVAL)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port)).close()
    except OSError:
        return False
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let sam remove its containers, and end it."""
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate()
