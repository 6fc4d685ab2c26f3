"""From the row of a task to the response that its owner gets."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from functions.api.cost import cost_of
from functions.api.schemas.responses import (
    DocumentResult,
    ErrorView,
    ProgressView,
    Receipt,
    Submitted,
    SubmittedResult,
    TaskResult,
    TaskStatus,
    Timings,
    UnfinishedTask,
)
from pipelines.registry import KIND
from suggester.kinds.suggestions import Suggestions
from suggester.naming import Naming
from tasks.ports import LINK_SECONDS
from tasks.task import ErrorType, Lane, Progress

if TYPE_CHECKING:
    from functions.api.bootstrap import Services
    from suggester.vocabulary import Language
    from tasks.ports import DocumentStore
    from tasks.task import JsonObject, Task, TaskError

# The predecessor of this service answered with this text when a task's retries ran out.
RETRIES_EXCEEDED: Final = "max retried achieved"


def present_submitted(task: Task) -> Submitted:
    """Return the answer to a submission."""
    return Submitted(task_id=task.task_id, status=task.status, url_result=_url_result(task))


def present_status(task: Task) -> TaskStatus:
    """Return the status of a task without its result."""
    return TaskStatus(task_id=task.task_id, status=task.status)


def present_unfinished(task: Task) -> TaskStatus:
    """Return the status of a task that is not final, and the progress of a document.

    The progress of a document is zero until a worker has reported on it.
    """
    if task.lane is not Lane.DOCUMENT:
        return present_status(task)
    progress = ProgressView(**asdict(task.progress or Progress()))
    return UnfinishedTask(task_id=task.task_id, status=task.status, progress=progress)


def present_result(task: Task, services: Services, language: Language) -> TaskResult:
    """Return everything that its owner may know about a task, with names in a language."""
    return TaskResult(**_result_fields(task, services, language))


def present_submitted_result(task: Task, services: Services, language: Language) -> SubmittedResult:
    """Return the answer to a submission that waited for its result."""
    fields = _result_fields(task, services, language)
    return SubmittedResult(**fields, url_result=_url_result(task))


def _result_fields(task: Task, services: Services, language: Language) -> dict[str, Any]:
    answer = task.result or {}
    error = task.error
    kinds = services.registry.kinds_of(task.input)
    is_document = task.lane is Lane.DOCUMENT
    fields: dict[str, Any] = {"kind": None if is_document else task.input.get(KIND, kinds[0])}
    if "parts" in answer:
        parts = answer["parts"].items()
        present = partial(_present, services=services, language=language)
        fields["parts"] = {kind: present(kind, part) for kind, part in parts}
    elif answer and not is_document:
        fields |= _present(kinds[0], answer, services=services, language=language)
    if error is not None and error.type is ErrorType.MAX_RETRIES_EXCEEDED:
        fields["result"] = RETRIES_EXCEEDED
    return fields | {
        "task_id": task.task_id,
        "status": task.status,
        "error": None if error is None else _error(error),
        "attempts": task.attempts,
        "timings": _timings(task) if task.is_final else None,
        "model": answer.get("model"),
        "receipt": _receipt(task),
        "metadata": task.metadata,
        "document": _document(answer.get("document"), services.documents),
    }


def _present(
    kind: str, answer: JsonObject, *, services: Services, language: Language
) -> dict[str, Any]:
    """Return the fields with the answer of a kind."""
    registry = services.registry
    if "error" in answer:
        return {"error": ErrorView(**answer["error"])}
    output = answer.get("output", {n: value for n, value in answer.items() if n != "model"})
    if kind not in registry:  # it was removed since then
        return {"output": output}
    found = registry[kind].present(output, Naming(services.vocabulary, language))
    return found if registry[kind].output is Suggestions else {"output": found}


def _url_result(task: Task) -> str:
    return f"/api/result/{task.task_id}"


def _receipt(task: Task) -> Receipt | None:
    if task.usage is None:
        return None
    return Receipt(
        batch_size=task.usage.batch_size, engine=task.usage.engine, **asdict(cost_of(task))
    )


def _document(result: JsonObject | None, documents: DocumentStore) -> DocumentResult | None:
    if result is None:
        return None
    counts = {name: result[name] for name in ("lines", "answered", "failed")}
    url = documents.download_link(result["key"])
    return DocumentResult(url=url, expires_in=LINK_SECONDS, **counts)


def _error(error: TaskError) -> ErrorView:
    return ErrorView(type=error.type, detail=error.detail, retryable=error.retryable)


def _timings(task: Task) -> Timings:
    finished = task.finished_at or task.created_at
    started = task.started_at
    return Timings(
        queued=None if started is None else _seconds(task.created_at, started),
        computed=None if started is None else _seconds(started, finished),
        total=_seconds(task.created_at, finished),
    )


def _seconds(begin: float, end: float) -> float:
    """Return the seconds between two times. The clocks of two instances may differ."""
    return round(max(0.0, end - begin), 3)
