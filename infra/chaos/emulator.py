"""moto for several processes at once, deployed from template.yaml with short timeouts."""

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

# Seconds. The worker stops 5 s before its timeout, so the timeout must be longer than that. The
# messages of a killed worker must be redelivered during the run, so the visibility timeout is
# short. The deployment keeps it at six times the worker's timeout; here, a slow batch is delivered
# twice more often.
WORKER_TIMEOUT: Final = 8
TASK_VISIBILITY: Final = 8
DEAD_LETTER_VISIBILITY: Final = 3
POLL_INTERVAL: Final = 0.1  # seconds between two attempts of a waiting receive


def chaos_template() -> JsonObject:
    """Return the template with short timeouts and with a stream of every write to the table."""
    template = read_template()
    properties = {name: entry["Properties"] for name, entry in template["Resources"].items()}
    properties["WorkerFunction"]["Timeout"] = WORKER_TIMEOUT
    properties["TaskQueue"]["VisibilityTimeout"] = TASK_VISIBILITY
    properties["BulkQueue"]["VisibilityTimeout"] = TASK_VISIBILITY
    properties["DeadLetterQueue"]["VisibilityTimeout"] = DEAD_LETTER_VISIBILITY
    properties["TaskTable"]["StreamSpecification"] = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    return template


@contextmanager
def concurrent_emulator() -> Iterator[str]:
    """Run moto so that several processes can poll one queue; yields its URL.

    Unmodified, moto loses messages when two calls delete from a queue at the same time.
    """
    from moto.sqs.models import SQSBackend  # noqa: PLC0415 - importing moto takes a second

    lock = threading.RLock()
    with ExitStack() as running:
        for name in ("send_message", "delete_message"):
            method = _synchronized(getattr(SQSBackend, name), lock)
            running.enter_context(patch.object(SQSBackend, name, method))
        receive = _waiting(_synchronized(SQSBackend.receive_message, lock))
        running.enter_context(patch.object(SQSBackend, "receive_message", receive))
        # No containers take part, so the loopback interface is enough.
        running.enter_context(patch.object(emulator, "docker_gateway", lambda: None))
        yield running.enter_context(emulator.running_emulator(0))


def _synchronized(method: Callable[..., Any], lock: threading.RLock) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        with lock:
            return method(*arguments, **options)

    return call


def _waiting(receive: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Wait for messages without holding the lock."""

    def call(backend: Any, queue: str, count: int, wait: float, *rest: Any) -> list[Any]:
        until = time.monotonic() + wait
        while True:
            found = receive(backend, queue, count, 0, *rest)
            if found or (left := until - time.monotonic()) <= 0:
                return found
            backend.get_queue(queue).wait_for_messages(min(left, POLL_INTERVAL))

    return call
