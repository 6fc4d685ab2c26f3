from __future__ import annotations

import json
from dataclasses import replace

import pytest

from functions.api.schemas.responses import TaskResult
from presentation.results import ResultPresenter
from tasks.task import (
    DEADLINE_EXCEEDED,
    ErrorType,
    Lane,
    Outcome,
    Status,
    Task,
    TaskError,
    Usage,
)
from tests.fakes import NOW, REGISTRY, SMALL_VOCABULARY, InMemoryDocumentStore

PRESENTER = ResultPresenter(REGISTRY, SMALL_VOCABULARY, InMemoryDocumentStore())
TASK = Task("t1", "me", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400)
USAGE = Usage(10, "litert", 0.0125)
SUGAR = {"added": ["sugar"], "suggestions": [{"ingredient": "sugar", "probability": 0.25}]}
RETRIED = TaskError(ErrorType.MAX_RETRIES_EXCEEDED, "No answer.", retryable=True)
DOCUMENT = {"key": "results/me/t1.jsonl", "lines": 3, "answered": 2, "failed": 1}
PART_ERROR = {"type": "empty-mask", "detail": "Nothing is left.", "retryable": False}


def ended(outcome: Outcome, **fields: object) -> Task:
    return replace(TASK, **fields).end(outcome)  # type: ignore[arg-type]


def success(result: dict[str, object], **fields: object) -> Task:
    outcome = Outcome(Status.SUCCESS, NOW + 2.5, NOW + 2, result, attempts=1, usage=USAGE)
    return ended(outcome, **fields)


TASKS = {
    "suggestions": success({**SUGAR, "model": "m1"}, metadata={"table": "7"}),
    "several kinds": success(
        {"parts": {"next": SUGAR, "complete": {"error": PART_ERROR}}, "model": "m1"},
        input={"kind": ["next", "complete"], "ingredients": ["milk"]},
    ),
    "removed kind": success({"output": {"a": 1}}, input={"kind": "removed", "ingredients": []}),
    "document": success({"document": DOCUMENT, "model": "m1"}, lane=Lane.DOCUMENT),
    "out of retries": ended(Outcome(Status.FAIL, NOW + 3, error=RETRIED, attempts=4)),
    "late": ended(Outcome(Status.FAIL, NOW + 900, error=DEADLINE_EXCEEDED)),
    "cancelled": ended(Outcome(Status.CANCELLED, NOW + 1)),
}


@pytest.mark.parametrize("name", TASKS)
def test_a_result_is_the_json_that_the_api_describes(name: str) -> None:
    """With all members, also those that a row does not have; webhooks deliver the same."""
    found = PRESENTER.result(TASKS[name], "en")
    described = TaskResult(**found).model_dump_json()
    assert json.loads(json.dumps(found)) == json.loads(described)


def test_names_are_in_the_language_of_the_reader() -> None:
    assert PRESENTER.result(TASKS["suggestions"], "ru")["result"] == "сахар"


def test_a_batch_has_its_counts_and_the_results_in_order() -> None:
    tasks = [TASKS["cancelled"], TASKS["suggestions"]]
    found = PRESENTER.batch("b-2", tasks, "en")
    assert found == {
        "batch_id": "b-2",
        "counts": {"PROCESSING": 0, "SUCCESS": 1, "FAIL": 0, "CANCELLED": 1},
        "expected_wait": 0,
        "results": [PRESENTER.result(task, "en") for task in tasks],
    }
