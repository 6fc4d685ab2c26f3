"""Tests of the faults inside a worker: model failures and duplicate deliveries."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from infra.chaos.counters import Counters, Metric
from infra.chaos.worker_faults import (
    DUPLICATE_BATCH_RATE,
    DUPLICATE_MESSAGE_RATE,
    LARGE_BATCH,
    LARGE_BATCH_DELAY,
    MODEL_FAILURE_RATE,
    DuplicatingHandler,
    failing_model,
)
from suggester.requests import Answer, Request
from tasks.messages import TaskMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.aws.events import Delivery

ANSWER = Answer((), ())
POISON = frozenset({"one", "other"})
BATCHES = 300


def new_counters() -> Counters:
    return Counters([0] * len(Metric))


def event() -> dict[str, Any]:
    """An event with one task's message and one unreadable message."""
    bodies = [TaskMessage("t", "ann", {}, 9e9).encode(), "not JSON"]
    records = [
        {
            "messageId": str(number),
            "receiptHandle": str(number),
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:TaskQueue",
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def model(counters: Counters) -> Callable[[list[Request]], list[Answer]]:
    """A model that answers every request, with failures added."""
    answer = failing_model(
        lambda _, requests: [ANSWER for _ in requests], POISON, counters, Random(1)
    )
    suggester: Any = None
    return lambda requests: answer(suggester, requests)


def test_the_model_answers_drinks_with_half_of_the_poison() -> None:
    """Each of the two poisonous ingredients is harmless without the other."""
    harmless = [Request(("one",)), Request(("other",)), Request()]
    assert model(new_counters())(harmless) == [ANSWER] * 3


def test_only_the_large_batches_of_documents_take_longer() -> None:
    pauses: list[float] = []
    answer = failing_model(
        lambda _, requests: [ANSWER for _ in requests],
        POISON,
        new_counters(),
        Random(2),
        pauses.append,
    )
    suggester: Any = None
    answer(suggester, [Request()] * (LARGE_BATCH - 1))
    assert pauses == []
    answer(suggester, [Request()] * LARGE_BATCH)
    assert pauses == [LARGE_BATCH_DELAY]


def test_a_poisoned_drink_crashes_its_batch() -> None:
    """The crash is counted."""
    counters = new_counters()
    with pytest.raises(ZeroDivisionError):
        model(counters)([Request(("one",)), Request(("milk", "one", "other"))])
    assert counters[Metric.MODEL_CRASHES] == 1


def test_the_model_fails_temporarily_at_the_given_rate() -> None:
    """Each failure raises OSError, like an unreadable file, and is counted."""
    counters = new_counters()
    suggest = model(counters)
    failed = 0
    for _ in range(1000):
        try:
            suggest([Request()])
        except OSError:
            failed += 1
    assert failed == counters[Metric.MODEL_FAILURES]
    assert abs(failed / 1000 - MODEL_FAILURE_RATE) < 0.02


def test_batches_and_messages_are_duplicated_at_the_given_rates() -> None:
    """Every batch gets a response, and unreadable messages are never sent again."""
    counters = new_counters()
    handled: list[dict[str, Any]] = []
    sent: list[Delivery] = []

    def handler(batch: dict[str, Any], _context: object) -> str:
        assert counters[Metric.BATCHES_IN_PROGRESS] == 1
        handled.append(batch)
        return "response"

    duplicating = DuplicatingHandler(handler, sent.append, counters, Random(1))
    assert {duplicating(event(), None) for _ in range(BATCHES)} == {"response"}
    assert counters[Metric.BATCHES_IN_PROGRESS] == 0
    assert len(handled) == BATCHES + counters[Metric.BATCHES_DUPLICATED]
    assert len(sent) == counters[Metric.MESSAGES_DUPLICATED]
    assert {delivery.message.task_id for delivery in sent} == {"t"}
    assert abs(len(handled) / BATCHES - 1 - DUPLICATE_BATCH_RATE) < 0.05
    assert abs(len(sent) / BATCHES - DUPLICATE_MESSAGE_RATE) < 0.05
