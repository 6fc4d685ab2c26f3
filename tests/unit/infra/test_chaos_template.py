"""The timeouts of a chaos run leave time for every kind of work."""

from __future__ import annotations

from functions.worker.document_reader import FINALIZE_SECONDS, HAND_OVER_SECONDS
from infra.chaos.template import TIMEOUTS
from tasks.ports import SAFETY_MARGIN


def test_a_worker_can_write_an_outcome() -> None:
    assert TIMEOUTS["WorkerFunction"] > SAFETY_MARGIN


def test_a_worker_can_finish_a_document() -> None:
    assert TIMEOUTS["DocumentFunction"] > HAND_OVER_SECONDS + FINALIZE_SECONDS
