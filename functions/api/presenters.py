"""From the row of a task to the response that its owner gets."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from functions.api.schemas.responses import (
    AttemptView,
    BatchResult,
    CancelledBatch,
    DeliveryView,
    ErrorView,
    ListedTask,
    ProgressView,
    Submitted,
    SubmittedResult,
    TaskPage,
    TaskResult,
    TaskStatus,
    UnfinishedTask,
)
from pipelines.registry import KIND
from presentation.results import ResultPresenter, counts_of, url_result
from tasks.task import Lane, Progress, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.api.bootstrap import Services
    from suggester.vocabulary import Language
    from tasks.task import Task
    from tasks.task_list import Page
    from tasks.webhooks.delivery import WebhookDelivery


def present_submitted(task: Task) -> Submitted:
    """Return the answer to a submission."""
    return Submitted(task_id=task.task_id, status=task.status, url_result=url_result(task.task_id))


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
    return SubmittedResult(**fields, url_result=url_result(task.task_id))


def present_page(page: Page, services: Services) -> TaskPage:
    """Return a page of the list of tasks."""
    tasks = [_listed(task, services) for task in page.tasks]
    return TaskPage(tasks=tasks, cursor=page.cursor or None)


def _listed(task: Task, services: Services) -> ListedTask:
    is_document = task.lane is Lane.DOCUMENT
    return ListedTask(
        task_id=task.task_id,
        status=task.status,
        kind=None if is_document else task.input.get(KIND, services.registry.default),
        submitted_at=datetime.fromtimestamp(task.created_at, UTC),
        error=None if task.error is None else ErrorView(**asdict(task.error)),
        metadata=task.metadata,
        url_result=url_result(task.task_id),
    )


def present_batch(
    batch_id: str, tasks: Sequence[Task], services: Services, language: Language, wait: int
) -> BatchResult:
    """Return the tasks of a batch; `wait` is how many seconds the unfinished ones may take."""
    results = [
        present_result(task, services, language) if task.is_final else present_status(task)
        for task in tasks
    ]
    return BatchResult(
        batch_id=batch_id, counts=counts_of(tasks), expected_wait=wait, results=results
    )


def present_cancelled_batch(batch_id: str, tasks: Sequence[Task]) -> CancelledBatch:
    """Return which tasks of a batch are cancelled."""
    cancelled = [task.task_id for task in tasks if task.status is Status.CANCELLED]
    return CancelledBatch(batch_id=batch_id, counts=counts_of(tasks), cancelled=cancelled)


def present_delivery(delivery: WebhookDelivery) -> DeliveryView:
    """Return the state of a delivery and its attempts."""
    attempts = [
        AttemptView(
            at=datetime.fromtimestamp(attempt.at, UTC),
            status=attempt.reply.status,
            reason=attempt.reply.reason,
        )
        for attempt in delivery.attempts
    ]
    return DeliveryView(webhook=delivery.url, state=delivery.state, attempts=attempts)


def present_no_delivery(task: Task) -> DeliveryView:
    """Return that the delivery of a task has not started."""
    return DeliveryView(webhook=task.webhook, state=None, attempts=[])


def _result_fields(task: Task, services: Services, language: Language) -> dict[str, Any]:
    presenter = ResultPresenter(services.registry, services.vocabulary, services.documents)
    return presenter.result(task, language)
