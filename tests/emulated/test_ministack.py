"""MiniStack as a process: where it listens, and when it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from infra.emulated.environment import emulator_environment
from infra.emulated.ministack import EmulatorFailed, running_ministack
from infra.emulated.stack import deployed_stores
from infra.local.network import LOOPBACK, PortTaken, docker_gateway
from tasks.aws.client import create_client
from tasks.aws.dynamodb import DynamoTaskStore
from tasks.task import IdempotencyRecord, Lane, Task

ROOT = Path(__file__).parents[2]
EXIT_TIMEOUT = 15.0  # seconds
PROGRAM = """
from infra.emulated.ministack import running_ministack
with running_ministack() as url:
    print(url, flush=True)
    input()
"""


def refuses(url: str, host: str = LOOPBACK) -> bool:
    """Return whether nothing listens on the URL's port of a host."""
    try:
        socket.create_connection((host, urlsplit(url).port or 0), timeout=1).close()
    except OSError:
        return True
    return False


def test_it_listens_on_the_loopback_interface_only() -> None:
    """Docker's bridge is added only for containers."""
    gateway = docker_gateway()
    with running_ministack() as url:
        assert not refuses(url)
        assert gateway is None or refuses(url, gateway)
    assert refuses(url)
    with running_ministack(for_containers=True) as url:
        assert gateway is None or not refuses(url, gateway)


def test_it_keeps_nothing_from_an_earlier_run() -> None:
    for _ in range(2):
        with running_ministack() as url, emulator_environment() as environ:
            environ["AWS_ENDPOINT_URL"] = url
            sqs: Any = boto3.client("sqs")
            assert not sqs.list_queues().get("QueueUrls")
            sqs.create_queue(QueueName="q")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_it_ends_when_its_parent_is_killed() -> None:
    """The port is free again, and its process is gone."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        process.send_signal(signal.SIGKILL)
        process.wait()
        until = time.monotonic() + EXIT_TIMEOUT
        while not refuses(url):
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_transaction_whose_answer_was_lost_can_be_repeated() -> None:
    """The client repeats it with the same token, also for a time that ends with zeros."""
    sent = []

    def lose_the_first_answer(request: Any, **_: Any) -> None:
        sent.append(request)
        if len(sent) == 1:
            URLLib3Session().send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    with running_ministack() as url, deployed_stores(url):
        client = create_client("dynamodb")
        client.meta.events.register(
            "before-send.dynamodb.TransactWriteItems", lose_the_first_answer
        )
        task = Task("t", "me", {}, 100.1, 1000.12, 2000.0, Lane.INTERACTIVE)
        record = IdempotencyRecord("key#t", "digest", ("t",), 2000.0)
        assert DynamoTaskStore(client, "TaskTable").create_once(record, [task], 100.1) is None
    assert len(sent) == 2


def test_a_taken_port_is_refused_with_advice() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is in use; .* AWS_PORT="):
            running_ministack(port).__enter__()


def test_a_missing_installation_is_reported() -> None:
    with pytest.raises(EmulatorFailed, match=r"make \.venv-ministack/ministack"):
        running_ministack(python=Path("/nonexistent")).__enter__()


def test_a_server_that_cannot_start_is_reported_with_its_log() -> None:
    """An interpreter without MiniStack ends at once."""
    with pytest.raises(EmulatorFailed, match="No module named hypercorn"):
        running_ministack(python=Path(sys.executable)).__enter__()
