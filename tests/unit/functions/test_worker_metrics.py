"""The metrics of the worker by kind; tests/unit/functions/test_batch.py has those of a batch."""

from __future__ import annotations

from typing import Any

import pytest

from functions.worker.dispositions import Commit
from functions.worker.metrics import record_batch
from functions.worker.pipelines import Pipelines
from suggester.kinds import load_registry
from tasks.aws.events import Received
from tasks.messages import TaskMessage
from tasks.task import ErrorType, Lane, Outcome, Status, TaskError
from tests.fakes import NOW, RecordingTelemetry, small_suggester

PIPELINES = Pipelines(load_registry({"PIPELINES": "tests.sentiment"}), small_suggester())
FAILED = TaskError(ErrorType.PREDICTION_FAILED, "No.", retryable=False)
ERROR = {"error": {"type": "prediction-failed", "detail": "No.", "retryable": False}}
Kind = str | list[str] | None


def message(kind: Any, lane: Lane = Lane.INTERACTIVE) -> TaskMessage:
    fields = {} if kind is None else {"kind": kind}
    fields = {"document": "k", "defaults": fields} if lane is Lane.DOCUMENT else fields
    return TaskMessage("t", "me", fields, NOW + 900, lane)


def record(
    *done: tuple[Kind, TaskError | dict[str, Any]], commit: Commit = Commit.WRITTEN
) -> RecordingTelemetry:
    """Record a batch of tasks with these kinds, each with its error or its result."""
    telemetry = RecordingTelemetry()
    outcomes = [
        Outcome(Status.FAIL, NOW, NOW, error=found)
        if isinstance(found, TaskError)
        else Outcome(Status.SUCCESS, NOW, NOW, found)
        for _, found in done
    ]
    deliveries = [Received("m", "r", 1, "tasks", message(kind)) for kind, _ in done]
    commits = [commit] * len(done)
    record_batch(telemetry, deliveries, outcomes, commits, PIPELINES.kinds_of)
    return telemetry


def test_tasks_are_counted_by_kind() -> None:
    telemetry = record((None, {}), (None, {}), ("sentiment", {}), ("sentiment", FAILED))
    assert telemetry.of_kinds == {"next": {"Success": 2}, "sentiment": {"Success": 1, "Failure": 1}}


def test_each_of_several_kinds_is_counted() -> None:
    """A task that fails has no part, and none of its kinds an answer."""
    parts = {"parts": {"next": {}, "sentiment": ERROR}}
    telemetry = record((["next", "sentiment"], parts), (["next", "complete"], FAILED))
    assert telemetry.of_kinds == {
        "next": {"Success": 1, "Failure": 1},
        "sentiment": {"Failure": 1},
        "complete": {"Failure": 1},
    }


def test_a_kind_that_fails_beside_others_counts_in_the_errors_that_raise_an_alarm() -> None:
    telemetry = record((["next", "sentiment"], {"parts": {"next": {}, "sentiment": ERROR}}))
    counts = dict(telemetry.flushed)
    assert (counts["Success"], counts["Failure-prediction-failed"]) == (1, 1)
    assert "Failure" not in counts


def test_an_outcome_that_was_not_written_is_not_counted_by_kind() -> None:
    assert record((None, {}), commit=Commit.NEEDLESS).of_kinds == {}


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        (message(None), ["next"]),
        (message(["next", "sentiment"]), ["next", "sentiment"]),
        (message("sentiment", Lane.DOCUMENT), ["sentiment"]),
        (message(None, Lane.DOCUMENT), ["next"]),
        (message("mood"), []),
        (message(["next", "mood", ["next"], 5]), ["next"]),
        (message({"a": 1}), []),
        (TaskMessage("t", "me", {"document": "k", "defaults": 5}, NOW, Lane.DOCUMENT), []),
    ],
)
def test_only_kinds_of_the_deployment_are_counted(found: TaskMessage, kinds: list[str]) -> None:
    """Each other text would be another metric, which costs money."""
    assert PIPELINES.kinds_of(found) == kinds
