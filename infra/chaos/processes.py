"""The code of the child processes: one serves the API, the others are workers."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import boto3

from infra.chaos.aws_faults import install_faults
from infra.chaos.counters import Counters
from infra.chaos.worker_faults import DuplicatingHandler, failing_model
from infra.emulated.sqs_source import event_sources
from infra.local.functions import load_handler

if TYPE_CHECKING:
    import socket
    from collections.abc import MutableSequence, Sequence

    from infra.local.definitions import Function
    from tasks.aws.events import Delivery


WORKERS: Final = ("WorkerFunction", "DocumentFunction")


@dataclass(frozen=True)
class ChildSettings:
    """Settings of one child process: its counters' memory, its seed and its log file."""

    cells: MutableSequence[int]
    seed: str
    log: str

    def apply(self) -> tuple[Counters, Random]:
        """Prepare this process: it exits with its parent, and its AWS calls have faults."""
        threading.Thread(target=_exit_with_parent, daemon=True).start()
        # Ctrl-C signals the parent too, and the parent stops this process.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with Path(self.log).open("a", encoding="utf-8") as log:
            os.dup2(log.fileno(), sys.stderr.fileno())  # C libraries write to this descriptor
        logging.basicConfig(level=logging.WARNING)
        counters, rng = Counters(self.cells), Random(self.seed)  # noqa: S311 - not for security
        install_faults(rng, counters)
        return counters, rng


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def run_api(settings: ChildSettings, function: Function, bound: socket.socket) -> None:
    """Serve the API on a listening socket until SIGTERM."""
    import uvicorn  # noqa: PLC0415 - a worker does not need it

    settings.apply()
    app = load_handler(function).app
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[bound])


def run_worker(
    settings: ChildSettings, functions: Sequence[Function], poison: frozenset[str]
) -> None:
    """Poll the queues of all functions and call their real handlers until SIGTERM."""
    from suggester.suggester import Suggester  # noqa: PLC0415 - the API does not need it

    counters, rng = settings.apply()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    suggester: Any = Suggester  # the worker creates its own, so the method is replaced here
    suggester.answer = failing_model(Suggester.answer, poison, counters, rng)
    sqs = boto3.client("sqs")
    for function in functions:
        handler = load_handler(function)
        if function.name in WORKERS:
            handler = DuplicatingHandler(
                handler, lambda delivery: _send(sqs, delivery), counters, rng
            )
        for source in event_sources(sqs, function, handler):
            threading.Thread(target=source.run, args=(stop,)).start()
    stop.wait()


def _send(sqs: Any, delivery: Delivery) -> None:
    url = sqs.get_queue_url(QueueName=delivery.queue)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=delivery.message.encode())
