"""The calls for batches: the tasks of an array, under one id."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from functions.api.dependencies import (
    LanguageDep,
    OwnerDep,
    PauseDep,
    ServicesDep,
    WaitDep,
    known_query,
)
from functions.api.json_response import json_response
from functions.api.long_polling import wait_until_final
from functions.api.openapi import LANGUAGE, LATER, problems
from functions.api.presenters import present_batch, present_cancelled_batch
from functions.api.schemas.responses import BatchResult, CancelledBatch

router = APIRouter(prefix="/api", tags=["tasks"], responses=problems(422))


async def _batch_id(
    batch_id: Annotated[
        str, Path(description="The id, from the `Location` of the response to the submission.")
    ],
) -> str:
    return batch_id.lower()


BatchIdDep = Annotated[str, Depends(_batch_id)]


@router.get(
    "/batches/{batch_id}",
    response_model=BatchResult,
    dependencies=[known_query("wait")],
    responses={
        200: {"description": "All tasks are final", "headers": LANGUAGE},
        202: {
            "model": BatchResult,
            "description": "Some tasks are not final yet; ask again later",
            "headers": {**LANGUAGE, **LATER},
        },
        **problems(404, 410, 503),
    },
)
async def get_batch(
    batch_id: BatchIdDep,
    services: ServicesDep,
    owner: OwnerDep,
    language: LanguageDep,
    pause: PauseDep,
    wait: WaitDep,
) -> Response:
    """Return the tasks of an array in its order, with the results of those that are final."""
    tasks = await services.run(services.batches.fetch, owner, batch_id)
    tasks = await wait_until_final(services.tasks, tasks, wait, services.run, pause)
    headers: dict[str, str] = {"Content-Language": language}
    if all(task.is_final for task in tasks):
        return json_response(present_batch(batch_id, tasks, services, language, 0), 200, headers)
    left = await services.run(services.tasks.retry_after, tasks)
    headers["Retry-After"] = str(left)
    return json_response(present_batch(batch_id, tasks, services, language, left), 202, headers)


@router.delete("/batches/{batch_id}", responses=problems(404, 410, 503))
async def cancel_batch(
    batch_id: BatchIdDep, services: ServicesDep, owner: OwnerDep
) -> CancelledBatch:
    """Cancel the tasks of an array that are not final yet. Repeating it changes nothing."""
    tasks = await services.run(services.batches.cancel, owner, batch_id)
    return present_cancelled_batch(batch_id, tasks)
