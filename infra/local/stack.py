"""Starts the local stack: emulator, queues, table, bucket, event sources and API."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

import boto3
import uvicorn

from infra.local.deployment import delete, deploy
from infra.local.emulator import running_emulator
from infra.local.event_source import EventSource
from infra.local.functions import load_handler
from infra.local.network import LOOPBACK, listener
from infra.local.remote import remote_handler

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping, MutableMapping

    from infra.local.deployment import Function

API: Final = "ApiFunction"
# The variables by which a shell may select an emulator; all others of AWS are ignored.
ENDPOINTS: Final = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SQS",
)
# Emulators require credentials; real ones are never used here.
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
    remote_urls: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run the stack, and stop everything on exit. Yields the API's URL once it answers.

    Args:
        port: the port of the API; 0 selects a free one.
        aws_port: the port of moto's server; if it is taken, a free one is selected. With
            AWS_ENDPOINT_URL set, queues, table and bucket are created there instead.
        remote_urls: functions that run in a container under Lambda's Runtime Interface Emulator,
            as URLs by logical id.
        parameters: parameters of the template.

    Raises:
        PortTaken: the API's port is in use.
        suggester.errors.SuggesterError: the model cannot be loaded.
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
        delete(cloudformation, s3)  # a killed stack may have left these
        running.callback(delete, cloudformation, s3)
        functions = deploy(
            cloudformation, parameters={"EndpointUrl": endpoint, **(parameters or {})}
        )
        running.enter_context(_event_sources(functions, remote_urls or {}))
        running.enter_context(_api(functions[API], bound))
        yield f"http://{LOOPBACK}:{bound.getsockname()[1]}"


@contextmanager
def emulator_environment() -> Iterator[MutableMapping[str, str]]:
    """Change this process's environment to suit an emulator, and restore it afterwards."""
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


@contextmanager
def _event_sources(
    functions: Mapping[str, Function], remote_urls: Mapping[str, str]
) -> Iterator[None]:
    """Poll each event source of the template in its own thread."""
    sqs = boto3.client("sqs")
    stop = threading.Event()
    threads = []
    for function in functions.values():
        if not function.event_sources:
            continue
        url = remote_urls.get(function.name)
        handler = remote_handler(url) if url else load_handler(function)
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
def _api(function: Function, bound: socket.socket) -> Iterator[None]:
    """Serve the API function's application with uvicorn in a thread."""
    app = load_handler(function).app
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
