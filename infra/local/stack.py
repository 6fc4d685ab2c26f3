"""Starts the local stack: an emulator, the template's queues and table, event sources, the API."""

from __future__ import annotations

import importlib
import logging
import os
import socket
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
import uvicorn

from infra.local.deployment import deploy
from infra.local.event_source import EventSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.local.deployment import Function

LOOPBACK: Final = "127.0.0.1"
# What an emulator wants to see; real credentials are never used here.
CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class PortTaken(Exception):
    """The port that was asked for is in use."""


@contextmanager
def running_stack(port: int, parameters: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run the stack on this port (0 takes a free one); yields the API's URL once it answers.

    With AWS_ENDPOINT_URL set, the queues and the table are made there, else in moto's server in
    this process. On leaving, everything that was started is stopped.

    Raises:
        PortTaken: the port is in use.
        suggester.errors.SuggesterError: the model cannot be served.
    """
    with ExitStack() as running:
        listener = running.enter_context(_listener(port))
        os.environ.update(CREDENTIALS)
        os.environ.pop("AWS_SESSION_TOKEN", None)
        if "AWS_ENDPOINT_URL" not in os.environ:
            os.environ["AWS_ENDPOINT_URL"] = running.enter_context(_moto())
            running.callback(os.environ.pop, "AWS_ENDPOINT_URL")
        functions = deploy(boto3.client("cloudformation"), parameters=parameters)
        for function in functions.values():
            os.environ.update(function.environment)
        _load_model()
        running.enter_context(_event_sources(functions))
        running.enter_context(_api(listener))
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"


def _listener(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, each
    # answer on a kept connection would wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"Port {port} is in use; choose another with PORT=.") from error
    return listener


@contextmanager
def _moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - a second that other emulators save

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(LOOPBACK, 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def _load_model() -> None:
    """Make the worker and the API's services now: a broken model stops the start, no request."""
    for name in ("functions.worker.dependencies.worker", "functions.api.dependencies.services"):
        make = _import(name)
        make.cache_clear()
        make()


@contextmanager
def _event_sources(functions: Mapping[str, Function]) -> Iterator[None]:
    """Poll each event source of the template in a thread of its own."""
    sqs = boto3.client("sqs")
    stop = threading.Event()
    threads = []
    for function in functions.values():
        for mapping in function.event_sources:
            source = EventSource(
                sqs,
                mapping,
                _import(function.handler),
                function_name=function.name,
                timeout=function.timeout,
            )
            threads.append(threading.Thread(target=source.run, args=(stop,)))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def _api(listener: socket.socket) -> Iterator[None]:
    """Serve the API function's application with uvicorn in a thread."""
    app = _import("functions.api.handler.handler").app
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
            if not thread.is_alive():
                raise RuntimeError("The API did not start.")
        yield
    finally:
        server.should_exit = True
        thread.join()


def _import(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)
