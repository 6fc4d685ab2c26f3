"""moto as many processes need it, made from template.yaml with short times."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from infra.local import emulator
from infra.local.template import read_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.local.template import JsonObject

# Seconds. The worker keeps 5 s of its time in hand, so it must have more; and what a killed worker
# had in hand is to come again while the run lasts. That gives up the deployment's relation between
# the two, timeout <= visibility timeout / 6: a slow batch is delivered twice more often.
WORKER_TIMEOUT: Final = 8
VISIBILITY: Final = 8
REAPER_VISIBILITY: Final = 3
LOOK: Final = 0.1  # seconds between two looks of a receive that waits


def chaos_template() -> JsonObject:
    """Return the template with short times, and with a stream that tells of every write."""
    template = read_template()
    properties = {name: entry["Properties"] for name, entry in template["Resources"].items()}
    properties["WorkerFunction"]["Timeout"] = WORKER_TIMEOUT
    properties["TaskQueue"]["VisibilityTimeout"] = VISIBILITY
    properties["BulkQueue"]["VisibilityTimeout"] = VISIBILITY
    properties["DeadLetterQueue"]["VisibilityTimeout"] = REAPER_VISIBILITY
    properties["TaskTable"]["StreamSpecification"] = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    return template


@contextmanager
def sturdy_emulator() -> Iterator[str]:
    """Run moto for several pollers of one queue; yields its URL.

    By itself, moto loses messages when two calls delete from a queue at once.
    """
    from moto.sqs.models import SQSBackend  # noqa: PLC0415 - moto takes a second

    turn = threading.RLock()
    with ExitStack() as running:
        for name in ("send_message", "delete_message"):
            method = _in_turn(getattr(SQSBackend, name), turn)
            running.enter_context(patch.object(SQSBackend, name, method))
        receive = _waiting(_in_turn(SQSBackend.receive_message, turn))
        running.enter_context(patch.object(SQSBackend, "receive_message", receive))
        # There are no containers here: loopback alone.
        running.enter_context(patch.object(emulator, "docker_gateway", lambda: None))
        yield running.enter_context(emulator.running_emulator(0))


def _in_turn(method: Callable[..., Any], turn: threading.RLock) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        with turn:
            return method(*arguments, **options)

    return call


def _waiting(receive: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Make a receive wait outside of its turn."""

    def call(backend: Any, queue: str, count: int, wait: float, *rest: Any) -> list[Any]:
        until = time.monotonic() + wait
        while True:
            found = receive(backend, queue, count, 0, *rest)
            if found or (left := until - time.monotonic()) <= 0:
                return found
            backend.get_queue(queue).wait_for_messages(min(left, LOOK))

    return call
