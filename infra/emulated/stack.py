"""Runs the stack on an emulator: the template's stores, the event sources and the API."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import boto3

from infra.emulated.deployment import delete, deploy, separate_table
from infra.emulated.environment import emulator_environment
from infra.emulated.ministack import running_ministack
from infra.emulated.remote import remote_handler
from infra.emulated.sqs_source import event_sources
from infra.emulated.stream_source import StreamSource, stream_mappings, stream_sources
from infra.local.functions import load_handler
from infra.local.network import LOOPBACK, listener
from infra.local.ports import LOCAL_VARIABLES
from infra.local.server import serving
from infra.local.template import read_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.local.definitions import Function
    from infra.local.event_source import EventSource
    from infra.local.template import JsonObject

API: Final = "ApiFunction"


@contextmanager
def running_emulated_stack(
    port: int,
    *,
    aws_port: int = 0,
    endpoint: str | None = None,
    remote_urls: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run the stack, and stop everything on exit. Yields the API's URL once it answers.

    Args:
        port: the port of the API; 0 selects a free one.
        aws_port: the port of MiniStack; 0 selects a free one.
        endpoint: the URL of another emulator, instead of MiniStack; by default AWS_ENDPOINT_URL.
        remote_urls: functions that run in a container under Lambda's Runtime Interface Emulator,
            as URLs by logical id.
        parameters: parameters of the template.

    Raises:
        PortTaken: a port is in use.
        EmulatorFailed: MiniStack is not installed, or it ended instead of answering.
        suggester.errors.SuggesterError: the model cannot be loaded.
    """
    endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL")
    with ExitStack() as running:
        bound = running.enter_context(listener(port))
        if not endpoint:
            endpoint = running.enter_context(running_ministack(aws_port, for_containers=True))
        functions = running.enter_context(deployed_stores(endpoint, parameters=parameters))
        running.enter_context(running_event_sources(functions, remote_urls or {}))
        running.enter_context(serving(load_handler(functions[API]).app, bound))
        yield f"http://{LOOPBACK}:{bound.getsockname()[1]}"


@contextmanager
def deployed_stores(
    endpoint: str,
    *,
    parameters: Mapping[str, str] | None = None,
    template: JsonObject | None = None,
) -> Iterator[dict[str, Function]]:
    """Create the queues, the table and the bucket at an emulator, and delete them on exit.

    Meanwhile, this process's environment selects the emulator. With AWS_ENDPOINT_URL_DYNAMODB, the
    table is created there. Yields the functions by logical id.
    """
    with emulator_environment() as environ, ExitStack() as running:
        environ["AWS_ENDPOINT_URL"] = endpoint
        cloudformation = boto3.client("cloudformation")
        s3 = boto3.client("s3")
        delete(cloudformation, s3)  # a killed stack may have left these
        running.callback(delete, cloudformation, s3)
        template = template or read_template()
        if "AWS_ENDPOINT_URL_DYNAMODB" in environ:
            template = running.enter_context(separate_table(boto3.client("dynamodb"), template))
        functions = deploy(
            cloudformation,
            parameters={"EndpointUrl": endpoint, "TaskList": "true", **(parameters or {})},
            template=template,
        )
        yield {name: _with_local_webhooks(function) for name, function in functions.items()}


def _with_local_webhooks(function: Function) -> Function:
    """Return a function that accepts receivers on this machine, if it knows webhooks."""
    known = LOCAL_VARIABLES.keys() & function.environment.keys()
    changed = function.environment | {name: LOCAL_VARIABLES[name] for name in known}
    return replace(function, environment=changed)


@contextmanager
def running_event_sources(
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
        streams = stream_mappings(read_template()["Resources"][function.name]["Properties"])
        sources: list[EventSource | StreamSource] = [
            *event_sources(sqs, function, handler),
            *stream_sources(function, streams, handler),
        ]
        threads += [threading.Thread(target=source.run, args=(stop,)) for source in sources]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
