"""Faults inside a worker: a model that fails, and deliveries that are duplicated."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.chaos.counters import Metric
from tasks.aws.events import read_event
from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from infra.chaos.counters import Counters
    from suggester.requests import Answer, Request
    from suggester.suggester import Suggester
    from tasks.aws.events import Delivery

    AnswerMethod = Callable[[Suggester, Sequence[Request]], list[Answer]]

DUPLICATED: Final = ("WorkerFunction", "DocumentFunction")  # the functions that read tasks
DUPLICATE_BATCH_RATE: Final = 0.1  # share of batches that are processed twice at once
DUPLICATE_MESSAGE_RATE: Final = 0.15  # share of batches that have one message sent again
MODEL_FAILURE_RATE: Final = 0.02  # share of model calls that fail temporarily
LARGE_BATCH: Final = 500  # requests in a model call that only a document makes
LARGE_BATCH_DELAY: Final = 0.5  # seconds, so that documents are interrupted


def failing_model(
    answer: AnswerMethod,
    poison: frozenset[str],
    counters: Counters,
    rng: Random,
    pause: Callable[[float], None] = time.sleep,
) -> AnswerMethod:
    """Wrap `Suggester.answer`.

    It crashes on poisoned drinks, fails temporarily now and then, and takes longer for documents.
    """

    def answer_or_fail(suggester: Suggester, requests: Sequence[Request]) -> list[Answer]:
        if any(poison.issubset(request.ingredients) for request in requests):
            counters.add(Metric.MODEL_CRASHES)
            raise ZeroDivisionError("The batch contains a poisoned drink.")
        if rng.random() < MODEL_FAILURE_RATE:
            counters.add(Metric.MODEL_FAILURES)
            raise OSError("The model cannot be read at the moment.")
        if len(requests) >= LARGE_BATCH:
            pause(LARGE_BATCH_DELAY)
        return answer(suggester, requests)

    return answer_or_fail


def install_model_faults(poison: frozenset[str], counters: Counters, rng: Random) -> None:
    """Add these faults to every model of this process."""
    from suggester.suggester import Suggester  # noqa: PLC0415 - only workers need it

    suggester: Any = Suggester  # a worker creates its own, so the method is replaced here
    suggester.answer = failing_model(Suggester.answer, poison, counters, rng)


class DuplicatingHandler:
    """A handler that processes some batches twice at once and sends some messages again."""

    def __init__(
        self,
        handler: Callable[[dict[str, Any], Any], Any],
        send: Callable[[Delivery], None],
        counters: Counters,
        rng: Random,
    ) -> None:
        self._handler = handler
        self._send = send
        self._counters = counters
        self._rng = rng

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        """Process a batch, and count it as in progress meanwhile."""
        self._counters.add(Metric.BATCHES_IN_PROGRESS)
        try:
            if self._rng.random() < DUPLICATE_MESSAGE_RATE:
                self._duplicate_message(event)
            if self._rng.random() >= DUPLICATE_BATCH_RATE:
                return self._handler(event, context)
            self._counters.add(Metric.BATCHES_DUPLICATED)
            with ThreadPoolExecutor(2) as pool:
                responses = [pool.submit(self._handler, event, context) for _ in range(2)]
            return responses[0].result()
        finally:
            self._counters.add(Metric.BATCHES_IN_PROGRESS, -1)

    def _duplicate_message(self, event: dict[str, Any]) -> None:
        deliveries, _ = read_event(event)
        if deliveries:
            with suppress(BotoCoreError, ClientError, Unavailable):
                self._send(self._rng.choice(deliveries))
                self._counters.add(Metric.MESSAGES_DUPLICATED)
