"""What a child does to its worker: crashes, moods, duplicates."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from infra.chaos.counters import INSIDE, NAMES, Tally
from infra.chaos.processes import HANDLED_TWICE, MOODY, SENT_TWICE, Restless, moody
from suggester.requests import Answer, Request
from tasks.model import TaskMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.delivery import Delivery

ANSWER = Answer((), ())
POISON = frozenset({"one", "other"})
BATCHES = 300


def tally() -> Tally:
    return Tally([0] * len(NAMES))


def event() -> dict[str, Any]:
    """A batch of a task's message and of one that nobody can read."""
    bodies = [TaskMessage("t", "ann", {}, 9e9).encode(), "no JSON"]
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


def model(counts: Tally) -> Callable[[list[Request]], list[Answer]]:
    """A model that answers everything, made moody."""
    answer = moody(lambda _, requests: [ANSWER for _ in requests], POISON, counts, Random(1))
    nobody: Any = None
    return lambda requests: answer(nobody, requests)


def test_the_model_crashes_on_poison_alone() -> None:
    """One poisoned drink crashes its batch; each of its two ingredients by itself is harmless."""
    counts = tally()
    suggest = model(counts)
    harmless = [Request(("one",)), Request(("other",)), Request()]
    assert suggest(harmless) == [ANSWER] * 3
    with pytest.raises(ZeroDivisionError):
        suggest([*harmless, Request(("milk", "one", "other"))])
    assert counts["model crashed on poison"] == 1


def test_the_model_has_moods() -> None:
    """A small share of the calls fails as a file does that cannot be read, and is counted."""
    counts = tally()
    suggest = model(counts)
    failed = 0
    for _ in range(1000):
        try:
            suggest([Request()])
        except OSError:
            failed += 1
    assert failed == counts["model failed for a moment"]
    assert abs(failed / 1000 - MOODY) < 0.02


def test_some_batches_are_handled_twice_and_some_messages_sent_again() -> None:
    """Every batch gets its answer; nothing that is unreadable is ever multiplied."""
    counts = tally()
    handled: list[dict[str, Any]] = []
    sent: list[Delivery] = []

    def handler(batch: dict[str, Any], _context: object) -> str:
        assert counts[INSIDE] == 1
        handled.append(batch)
        return "answer"

    restless = Restless(handler, sent.append, counts, Random(1))
    assert {restless(event(), None) for _ in range(BATCHES)} == {"answer"}
    assert counts[INSIDE] == 0
    assert len(handled) == BATCHES + counts["batches handled twice at once"]
    assert len(sent) == counts["messages sent twice"]
    assert {delivery.message.task_id for delivery in sent} == {"t"}
    assert abs(len(handled) / BATCHES - 1 - HANDLED_TWICE) < 0.05
    assert abs(len(sent) / BATCHES - SENT_TWICE) < 0.05
