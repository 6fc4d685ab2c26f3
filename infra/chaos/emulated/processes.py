"""The child processes: one serves the API, the others are workers."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

import boto3

from infra.chaos.children import WORKER, ChildSettings
from infra.chaos.emulated.aws_faults import install_faults
from infra.chaos.worker_faults import DUPLICATED, DuplicatingHandler, install_model_faults
from infra.emulated.sqs_source import event_sources
from infra.local.functions import load_handler
from infra.signals import SignalReceiver

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from infra.local.definitions import Function
    from tasks.aws.events import Delivery


def run_api(settings: ChildSettings, function: Function, bound: socket.socket) -> None:
    """Serve the API on a listening socket until SIGTERM."""
    from infra.local.http_server import Server  # noqa: PLC0415 - a worker does not need it

    counters, rng = settings.apply("api")
    install_faults(rng, counters)
    app = load_handler(function).app
    Server(app, log_config=None).run(sockets=[bound])


def run_worker(
    settings: ChildSettings, functions: Sequence[Function], poison: frozenset[str]
) -> None:
    """Poll the queues of all functions and call their real handlers until SIGTERM."""
    counters, rng = settings.apply(WORKER)
    terminated = SignalReceiver(signal.SIGTERM)
    stop = threading.Event()
    install_faults(rng, counters)
    install_model_faults(poison, counters, rng)
    sqs = boto3.client("sqs")
    for function in functions:
        handler = load_handler(function)
        if function.name in DUPLICATED:
            handler = DuplicatingHandler(
                handler, lambda delivery: _send(sqs, delivery), counters, rng
            )
        for source in event_sources(sqs, function, handler):
            threading.Thread(target=source.run, args=(stop,)).start()
    terminated.wait()
    stop.set()


def _send(sqs: Any, delivery: Delivery) -> None:
    url = sqs.get_queue_url(QueueName=delivery.queue)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=delivery.message.encode())
