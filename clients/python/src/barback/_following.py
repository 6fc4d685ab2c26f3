"""Batches, lists of tasks, and retries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from barback._collections import Batch, CancelledBatch, TaskPage
from barback._parsing import parse_response
from barback._requests import (
    batch_request,
    cancel_batch_request,
    retry_request,
    task_list_request,
)
from barback._responses import Status, Task
from barback._service import id_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from datetime import datetime

    from barback._collections import ListedTask
    from barback._service import Service

MAX_PAGE: Final = 200  # tasks in a page of a list


async def retry(service: Service, task: Task | str) -> Task:
    """Submit a task that failed or was cancelled again."""
    response = await service.session.send(retry_request(id_of(task)))
    return parse_response(response, Task.from_json)


async def fetch_batch(service: Service, batch: Task | str, wait: float) -> Batch:
    """Return the results of a batch, after at most `wait` seconds."""
    until = service.transport.now() + wait
    while True:
        request = batch_request(_batch_id_of(batch), service.server_wait(until))
        is_last = service.transport.now() >= until
        response = await service.session.send(request, math.inf if is_last else until)
        found = parse_response(response, Batch.from_json)
        if found.is_final or service.transport.now() >= until:
            return found
        await service.pause(response, until)


async def cancel_batch(service: Service, batch: Task | str) -> CancelledBatch:
    """Cancel what is left of a batch."""
    response = await service.session.send(cancel_batch_request(_batch_id_of(batch)))
    return parse_response(response, CancelledBatch.from_json)


def list_tasks(
    service: Service,
    status: Status | str | None,
    since: datetime | None,
    kind: str | None,
    limit: int | None,
) -> AsyncGenerator[ListedTask]:
    """Yield the newest tasks that match, and fetch pages as needed; without `limit`, all.

    Raises:
        ValueError: `since` has no time zone.
    """
    if since is not None and since.tzinfo is None:
        raise ValueError("Give since with a time zone, such as datetime.now(UTC).")
    given = {"status": status, "since": since and since.isoformat(), "kind": kind}
    filters = {name: str(value) for name, value in given.items() if value is not None}
    return _read_pages(service, filters, math.inf if limit is None else limit)


async def _read_pages(
    service: Service, filters: Mapping[str, str], left: float
) -> AsyncGenerator[ListedTask]:
    cursor: str | None = ""
    while left > 0 and cursor is not None:
        request = task_list_request(filters, int(min(left, MAX_PAGE)), cursor)
        page = parse_response(await service.session.send(request), TaskPage.from_json)
        for task in page.tasks:
            yield task
        left -= len(page.tasks)
        cursor = page.cursor


def _batch_id_of(batch: Task | str) -> str:
    """Return the id of a batch.

    Raises:
        ValueError: the task was not submitted in an array, or comes from another response.
    """
    if isinstance(batch, str):
        return batch
    if not batch.batch_id:
        raise ValueError("This task has no batch_id. Give a task that `submit` returned, or an id.")
    return batch.batch_id
