"""The calls for tasks: submit, status, result, cancel and retry."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response

from functions.api.bootstrap import Services
from functions.api.dependencies import (
    LanguageDep,
    OwnerDep,
    PauseDep,
    RequestedDep,
    ServicesDep,
    TaskIdDep,
    TraceparentDep,
    WaitDep,
    known_query,
)
from functions.api.json_response import json_response
from functions.api.long_polling import preferred_wait, wait_until_final
from functions.api.name_resolution import Requested
from functions.api.openapi import APPLIED, LANGUAGE, LATER, LINKS, LOCATION, problems
from functions.api.presenters import (
    present_result,
    present_status,
    present_submitted,
    present_submitted_result,
    present_unfinished,
)
from functions.api.problems import Problem
from functions.api.schemas.responses import (
    Submitted,
    SubmittedResult,
    TaskResult,
    TaskStatus,
    UnfinishedTask,
)
from functions.api.tracing import valid_traceparent
from suggester.vocabulary import Language
from tasks.batch_ids import batch_id_of
from tasks.task import Task

NOT_DELIVERED: Final = (
    "The task has a webhook, and this deployment has none any more; submit its input without one,"
    " or ask its operator for Webhooks=true."
)

router = APIRouter(prefix="/api", tags=["tasks"], responses=problems(422))


@router.post(
    "/process",
    status_code=202,
    response_model=list[Submitted],
    responses={
        200: {
            "model": list[SubmittedResult],
            "description": "All tasks finished in time",
            "headers": {**APPLIED, **LOCATION, **LANGUAGE},
        },
        202: {
            "description": "The tasks are accepted; get their results later",
            "headers": {**APPLIED, **LOCATION, **LATER},
            "links": LINKS,
        },
        **problems(400, 404, 413, 415, 503),
    },
    dependencies=[known_query("ingredients_joined", "ignore_unknown", "webhook")],
)
async def submit_tasks(
    services: ServicesDep,
    owner: OwnerDep,
    language: LanguageDep,
    requested: RequestedDep,
    pause: PauseDep,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="A request that is sent again with the same key returns the same tasks.",
        ),
    ] = None,
    prefer: Annotated[
        str,
        Header(description="`wait=10`: answer when all tasks are final, or after 10 seconds."),
    ] = "",
) -> Response:
    """Suggest what to add to a drink, to each drink of an array, or to each drink of a document.

    An empty drink asks for a base.
    """
    entered = time.monotonic()
    tasks = await _submit(services, owner, requested, idempotency_key or "")
    headers = {"Location": _location(owner, tasks, idempotency_key or "")}
    if (wait := preferred_wait(prefer)) is not None:
        wait = min(wait, services.settings.longest_wait)
        headers["Preference-Applied"] = f"wait={wait}"
        left = wait - (time.monotonic() - entered)
        tasks = await wait_until_final(services.tasks, tasks, left, services.run, pause)
        if all(task.is_final for task in tasks):
            headers["Content-Language"] = language
            return json_response(_present_all(tasks, services, language), 200, headers)
    headers["Retry-After"] = await _retry_after(services, tasks)
    return json_response([present_submitted(task) for task in tasks], 202, headers)


def _location(owner: str, tasks: Sequence[Task], key: str) -> str:
    """Return the URL of a task or a batch.

    It is relative to /api/process, so that it also holds behind a stage's prefix.
    """
    if len(tasks) == 1:
        return f"result/{tasks[0].task_id}"
    return f"../api/batches/{batch_id_of(owner, [task.task_id for task in tasks], key)}"


async def _submit(services: Services, owner: str, requested: Requested, key: str) -> Sequence[Task]:
    """Submit, or return the tasks of a key, even if the current model would refuse the request."""
    if requested.refusal is None:
        if requested.document is not None:
            await services.run(requested.document.write, services.documents)
        return await services.run(services.tasks.submit, owner, requested.submissions, key)
    tasks = None
    if key:
        tasks = await services.run(services.tasks.replay, owner, requested.sent, key)
    if tasks is None:
        raise requested.refusal
    return tasks


def _present_all(
    tasks: Sequence[Task], services: Services, language: Language
) -> list[SubmittedResult]:
    return [present_submitted_result(task, services, language) for task in tasks]


async def _retry_after(services: Services, tasks: Sequence[Task]) -> str:
    return str(await services.run(services.tasks.retry_after, tasks))


@router.get("/status/{task_id}", responses=problems(404, 410, 503))
async def get_status(task_id: TaskIdDep, services: ServicesDep, owner: OwnerDep) -> TaskStatus:
    """Return the status of a task."""
    return present_status(await services.run(services.tasks.fetch, owner, task_id))


@router.get(
    "/result/{task_id}",
    response_model=TaskResult,
    dependencies=[known_query("wait")],
    responses={
        200: {"headers": LANGUAGE},
        202: {
            "model": UnfinishedTask,
            "description": "The task is not final yet; ask again later",
            "headers": LATER,
        },
        **problems(404, 410, 503),
    },
)
async def get_result(
    task_id: TaskIdDep,
    services: ServicesDep,
    owner: OwnerDep,
    language: LanguageDep,
    pause: PauseDep,
    wait: WaitDep,
) -> Response:
    """Return the result of a task, or 202 while it is not final."""
    task = await services.run(services.tasks.fetch, owner, task_id)
    [task] = await wait_until_final(services.tasks, [task], wait, services.run, pause)
    if not task.is_final:
        retry_after = await _retry_after(services, [task])
        return json_response(present_unfinished(task), 202, {"Retry-After": retry_after})
    found = present_result(task, services, language)
    return json_response(found, 200, {"Content-Language": language})


@router.delete("/task/{task_id}", responses=problems(404, 409, 410, 503))
async def cancel_task(task_id: TaskIdDep, services: ServicesDep, owner: OwnerDep) -> TaskStatus:
    """Cancel a task that is not final yet."""
    return present_status(await services.run(services.tasks.cancel, owner, task_id))


@router.post(
    "/task/{task_id}/retry",
    status_code=202,
    responses={
        202: {
            "description": "The new task, which is the same if the request is repeated",
            "headers": {**LOCATION, **LATER},
        },
        **problems(404, 409, 410, 503),
    },
)
async def retry_task(
    task_id: TaskIdDep,
    services: ServicesDep,
    owner: OwnerDep,
    response: Response,
    traceparent: TraceparentDep = "",
) -> Submitted:
    """Submit the input of a task that failed or was cancelled again, as a new task."""
    trace = valid_traceparent(traceparent)
    if not services.settings.has_webhooks:
        first = await services.run(services.tasks.fetch, owner, task_id)
        if first.webhook is not None:
            raise Problem("webhooks-off", NOT_DELIVERED)
    task = await services.run(services.tasks.retry, owner, task_id, trace)
    # Relative to /api/task/{task_id}/retry, so that it also holds behind a stage's prefix.
    response.headers["Location"] = f"../../result/{task.task_id}"
    response.headers["Retry-After"] = await _retry_after(services, [task])
    return present_submitted(task)
