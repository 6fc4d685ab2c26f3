"""The calls under /api: from HTTP to the task service and back."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from fastapi.concurrency import run_in_threadpool

from functions.api import views
from functions.api.answers import (
    BacklogView,
    Health,
    IngredientView,
    Submitted,
    SubmittedResult,
    TaskResult,
    TaskStatus,
)
from functions.api.dependencies import KeyAsked, LanguageOf, OwnerOf, Services, ServicesOf
from functions.api.errors import Problem
from functions.api.intake import JsonBody, SubmissionsOf, known_query
from functions.api.openapi import APPLIED, LANGUAGE, LATER, LINKS, LOCATION, problems
from functions.api.waiting import preferred_wait, until_final
from tasks.model import Priority, Task

MAX_WITH_KEY: Final = 99  # with the key's own row, what DynamoDB writes in one transaction


router = APIRouter(prefix="/api", responses=problems(422))


@router.post(
    "/process",
    status_code=202,
    responses={
        200: {
            "model": list[SubmittedResult],
            "description": "All were finished in time",
            "headers": {**APPLIED, **LOCATION, **LANGUAGE},
        },
        202: {
            "model": list[Submitted],
            "description": "Ask for the results later",
            "headers": {**APPLIED, **LOCATION, **LATER},
            "links": LINKS,
        },
        **problems(400, 404, 413, 415, 503),
    },
    dependencies=[known_query("ingredients_joined", "ignore_unknown"), JsonBody],
)
async def process(
    services: ServicesOf,
    owner: OwnerOf,
    language: LanguageOf,
    submissions: SubmissionsOf,
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=255, description="Sent again, it gives the same tasks."),
    ] = None,
    prefer: Annotated[
        str, Header(description="`wait=10`: answer when all are finished, or after 10 seconds.")
    ] = "",
) -> list[SubmittedResult] | list[Submitted]:
    """Ask what to add to a drink, to each of several, or to those in a document.

    Without ingredients: ask for a base.
    """
    entered = time.monotonic()
    if idempotency_key and len(submissions) > MAX_WITH_KEY:
        raise Problem("invalid", f"With an Idempotency-Key, send {MAX_WITH_KEY} drinks at most.")
    tasks = await run_in_threadpool(
        services.tasks.submit, owner, submissions, idempotency_key or ""
    )
    if len(tasks) == 1:
        # Relative to /api/process, so that it holds behind a stage's prefix too.
        response.headers["Location"] = f"result/{tasks[0].task_id}"
    if (wait := preferred_wait(prefer)) is not None:
        wait = min(wait, services.longest_wait)
        response.headers["Preference-Applied"] = f"wait={wait}"
        tasks = await until_final(services.tasks, tasks, wait - (time.monotonic() - entered))
        if all(task.is_final for task in tasks):
            response.status_code = 200
            response.headers["Content-Language"] = language
            show = partial(views.submitted_result, services=services, language=language)
            return await run_in_threadpool(lambda: list(map(show, tasks)))
    await _say_when(services, tasks, response)
    return [views.submitted(task) for task in tasks]


async def _say_when(services: Services, tasks: Sequence[Task], response: Response) -> None:
    """Say when to ask again: when the last may be done, or the first is past its deadline."""
    waiting = [task for task in tasks if not task.is_final]
    seconds = [1]
    for priority in {task.priority for task in waiting}:
        latest = max(task.created_at for task in waiting if task.priority is priority)
        queue = services.queues[priority]
        seconds.append(await run_in_threadpool(queue.retry_after, latest))
    left = min(task.deadline for task in waiting) - services.tasks.clock() if waiting else 1
    response.headers["Retry-After"] = str(max(1, min(max(seconds), math.ceil(left))))


@router.get("/status/{task_id}", responses=problems(404, 410, 503))
def status(task_id: str, services: ServicesOf, owner: OwnerOf) -> TaskStatus:
    """Say where a task stands."""
    return views.status_of(services.tasks.fetch(owner, task_id))


@router.get(
    "/result/{task_id}",
    dependencies=[known_query("wait")],
    responses={
        200: {"headers": LANGUAGE},
        202: {
            "model": TaskStatus,
            "description": "The task is not finished: ask again later",
            "headers": LATER,
        },
        **problems(404, 410, 503),
    },
)
async def result(
    task_id: str,
    services: ServicesOf,
    owner: OwnerOf,
    language: LanguageOf,
    response: Response,
    wait: Annotated[
        int, Query(ge=0, description="Seconds to wait for it, cut to the deployment's limit.")
    ] = 0,
) -> TaskResult | TaskStatus:
    """Return how a task ended, or 202 while it has not."""
    task = await run_in_threadpool(services.tasks.fetch, owner, task_id)
    [task] = await until_final(services.tasks, [task], min(wait, services.longest_wait))
    if not task.is_final:
        response.status_code = 202
        await _say_when(services, [task], response)
        return views.status_of(task)
    response.headers["Content-Language"] = language
    return await run_in_threadpool(views.result_of, task, services, language)


@router.delete("/task/{task_id}", responses=problems(404, 409, 410, 503))
def cancel(task_id: str, services: ServicesOf, owner: OwnerOf) -> TaskStatus:
    """Cancel a task that is not finished."""
    return views.status_of(services.tasks.cancel(owner, task_id))


@router.get("/queue", responses=problems(503), dependencies=[KeyAsked])
def queue(services: ServicesOf) -> dict[Priority, BacklogView]:
    """Say how long the queues are, how fast they shrink and how long a new task would wait."""
    return {
        priority: BacklogView(**asdict(watched.backlog()))
        for priority, watched in services.queues.items()
    }


@router.get(
    "/ingredients",
    dependencies=[KeyAsked, known_query("q", "limit")],
    responses={200: {"headers": LANGUAGE}},
)
def ingredients(
    services: ServicesOf,
    language: LanguageOf,
    response: Response,
    q: Annotated[str, Query(max_length=64, description="A part of a name.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> list[IngredientView]:
    """List the ingredients that the model knows, those that begin with `q` first."""
    response.headers["Content-Language"] = language
    return [
        IngredientView(
            id=found.id, name=found.name(language), base=found.base, additive=found.additive
        )
        for found in services.vocabulary.search(q, limit)
    ]


@router.head("/health", include_in_schema=False)
@router.get("/health")
def health(services: ServicesOf) -> Health:
    """Say that the function runs."""
    return Health(status="ok", model=services.model)
