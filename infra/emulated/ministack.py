"""MiniStack, an emulator of AWS, as a process of its own."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final

from infra.emulated.environment import SETTINGS
from infra.local.network import LOOPBACK, PortTaken, docker_gateway, listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = ROOT / ".venv-ministack/bin/python"
LAUNCHER: Final = Path(__file__).with_name("child_process.py")
HEALTH: Final = "/_ministack/health"
START_TIMEOUT: Final = 60.0  # seconds
POLL_INTERVAL: Final = 0.05  # seconds
LOG_SIZE: Final = 2000  # bytes of the log that an error message contains
STOP_TIMEOUT: Final = 20.0  # seconds
# Nothing of the shell's settings applies. Only the services of the stores are enabled, and signed
# links are checked with the clients' credentials. The other settings switch off listeners on
# further ports, and the search for containers to remove.
ENVIRONMENT: Final = {
    **SETTINGS,
    "BIND_HOST": LOOPBACK,
    "DOCKER_HOST": f"unix://{os.devnull}/none",
    "IOT_MTLS_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
    "PATH": os.defpath,
    "SERVICES": "cloudformation,dynamodb,dynamodbstreams,s3,sqs",
    "SFTP_ENABLED": "0",
}


class EmulatorFailed(Exception):
    """MiniStack is not installed, or it ended instead of answering."""


@contextmanager
def running_ministack(
    port: int = 0,
    *,
    for_containers: bool = False,
    python: Path = PYTHON,
    settings: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run MiniStack on a port of the loopback interface; yields its URL when it answers.

    Args:
        port: the port; 0 selects a free one.
        for_containers: whether to listen on Docker's bridge too, if there is one.
        python: the interpreter in whose environment MiniStack is installed.
        settings: MiniStack's variables that differ from those above.

    Raises:
        PortTaken: the port is in use.
        EmulatorFailed: MiniStack is not installed, or it ended instead of answering.
    """
    if not python.exists():
        raise EmulatorFailed("MiniStack is not installed; run `make .venv-ministack/ministack`.")
    with TemporaryFile() as log:
        bound = _listeners(port, docker_gateway() if for_containers else None)
        port = bound[0].getsockname()[1]
        environment = {**ENVIRONMENT, "GATEWAY_PORT": str(port), **(settings or {})}
        process = _start(python, bound, environment, log)
        try:
            _wait_until_ready(process, port, log)
            yield f"http://{LOOPBACK}:{port}"
        finally:
            _stop(process, STOP_TIMEOUT if settings else 0)


def _listeners(port: int, gateway: str | None) -> list[socket.socket]:
    """Bind one port of the loopback interface and of the gateway, if there is one."""
    with suppress(PortTaken):
        return _bind(port, gateway)
    if port:
        raise PortTaken(f"Port {port} is in use; choose another with AWS_PORT=.")
    return _bind(0, gateway)  # the free port was in use on the gateway


def _bind(port: int, gateway: str | None) -> list[socket.socket]:
    bound = listener(port)
    if gateway is None:
        return [bound]
    try:
        return [bound, socket.create_server((gateway, bound.getsockname()[1]))]
    except OSError as error:
        bound.close()
        raise PortTaken(f"The port is in use on {gateway}.") from error


def _start(
    python: Path, bound: Sequence[socket.socket], environment: Mapping[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that Ctrl-C does not end it before its users.

    The server inherits the listening sockets, and this process closes them.
    """
    server = ["hypercorn", "ministack.app:app", "--workers", "0", "--log-level", "WARNING"]
    with ExitStack() as closing:
        addresses = [f"fd://{closing.enter_context(one).fileno()}" for one in bound]
        binds = [word for address in addresses for word in ("--bind", address)]
        return subprocess.Popen(  # noqa: S603 - the command is fixed
            [str(python), "-P", str(LAUNCHER), *server, *binds],
            env=environment,
            pass_fds=[one.fileno() for one in bound],
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )


def _stop(process: subprocess.Popen[bytes], timeout: float) -> None:
    """End the server. It keeps nothing on disk, but it needs time to remove its containers."""
    if timeout:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout)
    process.kill()
    process.communicate()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    until = time.monotonic() + START_TIMEOUT
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > until:
            log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_SIZE))
            text = log.read().decode(errors="replace")
            raise EmulatorFailed(f"MiniStack did not start. The end of its log:\n{text}")
        time.sleep(POLL_INTERVAL)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", HEALTH)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
