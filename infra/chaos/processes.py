"""What runs in the child processes: the API, or a worker with its event sources."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.chaos import aws_faults
from infra.chaos.counters import INSIDE, Tally
from infra.local.event_source import EventSource
from infra.local.stack import WORKER, load_object
from tasks.delivery import read_event

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, MutableSequence, Sequence

    from infra.local.deployment import Function
    from suggester.requests import Answer, Request
    from suggester.suggester import Suggester
    from tasks.delivery import Delivery

HANDLED_TWICE: Final = 0.1  # share of the batches that two workers have at once
SENT_TWICE: Final = 0.15  # share of the batches of which one message is sent again
MOODY: Final = 0.02  # share of the model's calls that fail for the moment


@dataclass(frozen=True)
class Orders:
    """What a child is told: where it counts, its seed, and the file that it logs to."""

    cells: MutableSequence[int]
    seed: str
    log: str

    def begin(self) -> tuple[Tally, Random]:
        """Prepare the process: it ends with its parent, and its AWS calls fail now and then."""
        threading.Thread(target=_end_with_parent, daemon=True).start()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and stops this
        with Path(self.log).open("a", encoding="utf-8") as log:
            os.dup2(log.fileno(), sys.stderr.fileno())  # libraries not of Python write there, too
        logging.basicConfig(level=logging.WARNING)
        tally, chance = Tally(self.cells), Random(self.seed)  # noqa: S311 - nothing secret
        aws_faults.install(chance, tally)
        return tally, chance


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def serve(orders: Orders, bound: socket.socket) -> None:
    """Serve the API on a socket that listens already, until SIGTERM."""
    import uvicorn  # noqa: PLC0415 - a worker needs none of it

    orders.begin()
    app = load_object("functions.api.handler.handler").app
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[bound])


def work(orders: Orders, functions: Sequence[Function], poison: frozenset[str]) -> None:
    """Poll the queues of all functions for their real handlers, until SIGTERM."""
    from suggester.suggester import Suggester  # noqa: PLC0415 - the API needs none of it

    tally, chance = orders.begin()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    model: Any = Suggester  # the worker's root takes none from outside
    model.answer = moody(Suggester.answer, poison, tally, chance)
    sqs = boto3.client("sqs")
    for function in functions:
        handler = load_object(function.handler)
        if function.name == WORKER:
            handler = Restless(handler, lambda delivery: _send(sqs, delivery), tally, chance)
        for mapping in function.event_sources:
            source = EventSource(
                sqs, mapping, handler, function_name=function.name, timeout=function.timeout
            )
            threading.Thread(target=source.run, args=(stop,)).start()
    stop.wait()


def moody(
    answer: Callable[[Suggester, Sequence[Request]], list[Answer]],
    poison: frozenset[str],
    tally: Tally,
    chance: Random,
) -> Callable[[Suggester, Sequence[Request]], list[Answer]]:
    """Make a model's method that crashes on drinks with the poison, and that has its moods."""

    def answer_or_fail(suggester: Suggester, requests: Sequence[Request]) -> list[Answer]:
        if any(poison.issubset(request.ingredients) for request in requests):
            tally.add("model crashed on poison")
            raise ZeroDivisionError("Poison.")
        if chance.random() < MOODY:
            tally.add("model failed for a moment")
            raise OSError("The model cannot be read at the moment.")
        return answer(suggester, requests)

    return answer_or_fail


class Restless:
    """A handler some of whose batches are handled twice at once, or come again in part."""

    def __init__(
        self,
        handler: Callable[[dict[str, Any], Any], Any],
        send: Callable[[Delivery], None],
        tally: Tally,
        chance: Random,
    ) -> None:
        self._handler = handler
        self._send = send
        self._tally = tally
        self._chance = chance

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        """Handle a batch, counted while it lasts."""
        self._tally.add(INSIDE)
        try:
            if self._chance.random() < SENT_TWICE:
                self._send_again(event)
            if self._chance.random() >= HANDLED_TWICE:
                return self._handler(event, context)
            self._tally.add("batches handled twice at once")
            with ThreadPoolExecutor(2) as pool:
                answers = [pool.submit(self._handler, event, context) for _ in range(2)]
            return answers[0].result()
        finally:
            self._tally.add(INSIDE, -1)

    def _send_again(self, event: dict[str, Any]) -> None:
        deliveries, _ = read_event(event)
        if deliveries:
            with suppress(BotoCoreError, ClientError):
                self._send(self._chance.choice(deliveries))
                self._tally.add("messages sent twice")


def _send(sqs: Any, delivery: Delivery) -> None:
    url = sqs.get_queue_url(QueueName=delivery.queue)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=delivery.message.encode())
