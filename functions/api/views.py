"""From a task's row to what its owner is shown."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from functions.api.answers import (
    DocumentResult,
    ErrorView,
    Receipt,
    Submitted,
    SubmittedResult,
    SuggestionView,
    TaskResult,
    TaskStatus,
    Timings,
)
from suggester.requests import SEPARATOR
from tasks.cost import cost_of
from tasks.documents import LINK_SECONDS
from tasks.model import ErrorType

if TYPE_CHECKING:
    from functions.api.dependencies import Services
    from suggester.vocabulary import Language
    from tasks.model import JsonObject, Task, TaskError

# What the service that this one descends from answered when its retries ran out.
RETRIES_RAN_OUT = "max retried achieved"


def submitted(task: Task) -> Submitted:
    """Return what answers a submission."""
    return Submitted(
        task_id=task.task_id, status=task.status, url_result=f"/api/result/{task.task_id}"
    )


def status_of(task: Task) -> TaskStatus:
    """Return where the task stands, without its result."""
    return TaskStatus(task_id=task.task_id, status=task.status)


def result_of(task: Task, services: Services, language: Language) -> TaskResult:
    """Return all that a caller may know of a task that ended, with names in that language."""
    vocabulary = services.vocabulary

    def name(ingredient: str) -> str:
        known = vocabulary.index.get(ingredient)
        # A model that was deployed since may have dropped the ingredient: its id must do then.
        return ingredient if known is None else vocabulary.ingredients[known].name(language)

    answer = task.result or {}
    error = task.error
    joined = SEPARATOR.join(name(ingredient) for ingredient in answer.get("added", ()))
    ran_out = error is not None and error.type is ErrorType.MAX_RETRIES_EXCEEDED
    return TaskResult(
        task_id=task.task_id,
        status=task.status,
        result=RETRIES_RAN_OUT if ran_out else joined,
        suggestions=[
            SuggestionView(ingredient=name(item["ingredient"]), probability=item["probability"])
            for item in answer.get("suggestions", ())
        ],
        error=None if error is None else _error(error),
        attempts=task.attempts,
        timings=_timings(task) if task.is_final else None,
        model=answer.get("model"),
        receipt=_receipt(task),
        document=_document(answer.get("document"), services),
    )


def submitted_result(task: Task, services: Services, language: Language) -> SubmittedResult:
    """Return what answers a submission that waited for its result."""
    ended = result_of(task, services, language).model_dump()
    return SubmittedResult(**ended, url_result=submitted(task).url_result)


def _receipt(task: Task) -> Receipt | None:
    if task.work is None:
        return None
    return Receipt(
        batch_size=task.work.batch_size, engine=task.work.engine, **asdict(cost_of(task))
    )


def _document(made: JsonObject | None, services: Services) -> DocumentResult | None:
    if made is None:
        return None
    counts = {name: made[name] for name in ("lines", "answered", "failed")}
    url = services.documents.download_link(made["key"])
    return DocumentResult(url=url, expires_in=LINK_SECONDS, **counts)


def _error(error: TaskError) -> ErrorView:
    return ErrorView(type=error.type, detail=error.detail, retryable=error.retryable)


def _timings(task: Task) -> Timings:
    finished = task.finished_at or task.created_at
    started = task.started_at
    return Timings(
        queued=None if started is None else round(max(0.0, started - task.created_at), 3),
        computed=None if started is None else round(finished - started, 3),
        total=round(finished - task.created_at, 3),
    )
