"""The server of both stacks: it stops at once, and answers requests that it cannot read."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx2
from fastapi import FastAPI

from infra.local.network import listener
from infra.local.server import serving
from tests.fakes import InMemoryTaskQueue
from tests.unit.functions.conftest import Api

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.messages import TaskMessage

CALLERS = 20
STOPS_WITHIN = 2.0  # seconds, on a busy machine; the callers ask for 20


class CountingQueue(InMemoryTaskQueue):
    """A queue without workers, which lets the test wait for submissions."""

    def __init__(self) -> None:
        super().__init__()
        self.submitted = threading.Semaphore(0)

    def send(self, messages: Sequence[TaskMessage]) -> None:
        super().send(messages)
        self.submitted.release()


def application(api: Api) -> FastAPI:
    """Return the application with the longest wait of a deployment."""
    app = api.http.app
    assert isinstance(app, FastAPI)
    services = app.state.services
    settings = replace(services.settings, longest_wait=20)
    app.state.services = replace(services, settings=settings)
    return app


def test_callers_that_wait_are_answered_at_once_when_the_server_stops() -> None:
    """Each gets the answer that it would get at the end of its wait."""
    queue = CountingQueue()
    bound = listener(0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}/api/process"
    with httpx2.Client(timeout=30) as http, ThreadPoolExecutor(CALLERS) as pool:
        with serving(application(Api(queue=queue)), bound):
            wait = {"Prefer": "wait=20"}
            callers = [pool.submit(http.post, url, headers=wait) for _ in range(CALLERS)]
            for _ in range(CALLERS):
                assert queue.submitted.acquire(timeout=30)
            stopped_at = time.monotonic()
        responses = [caller.result() for caller in callers]
        assert time.monotonic() - stopped_at < STOPS_WITHIN
    assert {response.status_code for response in responses} == {202}
    assert {response.headers["preference-applied"] for response in responses} == {"wait=20"}
    assert {response.json()[0]["status"] for response in responses} == {"PROCESSING"}


def test_a_url_that_is_not_ascii_gets_a_problem() -> None:
    """The parser refuses it before the application is called."""
    with (
        listener(0) as bound,
        serving(application(Api()), bound),
        socket.create_connection(bound.getsockname()) as connection,
    ):
        connection.sendall("GET /api/молоко HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in received
