"""Starts the local stack: an emulator, the template's queues and table, event sources, the API."""

from __future__ import annotations

import importlib
import os
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
import uvicorn

from infra.local.deployment import delete, deploy
from infra.local.emulator import running_emulator
from infra.local.event_source import EventSource
from infra.local.network import LOOPBACK, listener
from infra.local.remote import remote_handler

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping, MutableMapping

    from infra.local.deployment import Function

WORKER: Final = "WorkerFunction"
# What a shell may say of an emulator; all else that it says of AWS is for other programs.
ENDPOINTS: Final = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SQS",
)
# What an emulator wants to see; real credentials are never used here.
CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def running_stack(
    port: int,
    *,
    aws_port: int = 0,
    worker_url: str = "",
    parameters: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run the stack; yields the API's URL once it answers. Port 0 takes a free one.

    With AWS_ENDPOINT_URL set, the queues and the table are made there, else in moto's server in
    this process, on `aws_port` or, if that is taken, on a free port. With `worker_url`, the worker
    is what answers there: its image under Lambda's Runtime Interface Emulator. On leaving,
    everything that was started is stopped.

    Raises:
        PortTaken: the API's port is in use.
        suggester.errors.SuggesterError: the model cannot be served.
    """
    with ExitStack() as running:
        bound = running.enter_context(listener(port))
        environ = running.enter_context(emulator_environment())
        endpoint = environ.get("AWS_ENDPOINT_URL") or running.enter_context(
            running_emulator(aws_port)
        )
        environ["AWS_ENDPOINT_URL"] = endpoint
        cloudformation = boto3.client("cloudformation")
        s3 = boto3.client("s3")
        delete(cloudformation, s3)  # what a stack that was killed may have left
        running.callback(delete, cloudformation, s3)
        functions = deploy(
            cloudformation, parameters={"EndpointUrl": endpoint, **(parameters or {})}
        )
        for function in functions.values():
            environ.update(function.environment)
        _load_model()
        running.enter_context(_event_sources(functions, worker_url))
        running.enter_context(_api(bound))
        yield f"http://{LOOPBACK}:{bound.getsockname()[1]}"


@contextmanager
def emulator_environment() -> Iterator[MutableMapping[str, str]]:
    """Lend out this process's environment, fit for an emulator, and restore it afterwards."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("AWS_") and name not in ENDPOINTS:
            del os.environ[name]
    os.environ.update(CREDENTIALS)
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (before.get(name), LOOPBACK, "localhost")))
    try:
        yield os.environ
    finally:
        os.environ.clear()
        os.environ.update(before)


def _load_model() -> None:
    """Make the worker and the API's services now: a broken model stops the start, no request."""
    for name in ("functions.worker.dependencies.worker", "functions.api.dependencies.services"):
        make = load_object(name)
        make.cache_clear()
        make()


@contextmanager
def _event_sources(functions: Mapping[str, Function], worker_url: str) -> Iterator[None]:
    """Poll each event source of the template in a thread of its own."""
    sqs = boto3.client("sqs")
    stop = threading.Event()
    threads = []
    for function in functions.values():
        is_remote = worker_url and function.name == WORKER
        handler = remote_handler(worker_url) if is_remote else load_object(function.handler)
        for mapping in function.event_sources:
            source = EventSource(
                sqs,
                mapping,
                handler,
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
def _api(bound: socket.socket) -> Iterator[None]:
    """Serve the API function's application with uvicorn in a thread."""
    app = load_object("functions.api.handler.handler").app
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
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


def load_object(path: str) -> Any:
    """Return what is at a dotted path, such as a handler."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)
