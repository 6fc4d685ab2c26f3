"""The call that lists the caller's tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from functions.api.dependencies import OwnerDep, ServicesDep, known_query
from functions.api.openapi import problems
from functions.api.presenters import present_page
from functions.api.problems import invalid
from functions.api.schemas.responses import TaskPage
from tasks.task import Lane, Status
from tasks.task_list import MAX_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pipelines.registry import Registry
    from tasks.task import Task

router = APIRouter(prefix="/api", tags=["tasks"], responses=problems(422))
EXAMPLE = "2026-11-27T15:00:00Z"


def _read_time(text: str, read: Callable[[str], datetime]) -> datetime:
    """Read a date and a time, but no number, which pydantic would take for seconds."""
    try:
        if ":" in text:
            return read(text)
    except ValidationError:
        pass
    message = "must be a date and a time with its zone, such as {example}"
    raise PydanticCustomError("time_with_zone", message, {"example": EXAMPLE})


@router.get(
    "/tasks",
    dependencies=[known_query("status", "since", "kind", "limit", "cursor")],
    responses=problems(404, 503),
)
async def list_tasks(
    services: ServicesDep,
    owner: OwnerDep,
    status: Annotated[Status | None, Query(description="Only tasks with this status.")] = None,
    since: Annotated[
        Annotated[AwareDatetime, WrapValidator(_read_time)] | None,
        Query(
            description=f"Only tasks that were submitted then or later: {EXAMPLE}.",
            examples=[EXAMPLE],
        ),
    ] = None,
    kind: Annotated[str | None, Query(description="Only tasks of this kind.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS, description="The most tasks of a page.")] = 50,
    cursor: Annotated[
        str, Query(max_length=64, description="The `cursor` of the page before.")
    ] = "",
) -> TaskPage:
    """List your tasks, the newest first: to browse, since new tasks may take seconds to appear.

    A page has the matches among up to 200 tasks, so it may be short, or even empty, and have a
    cursor all the same.
    """
    if kind is not None and kind not in services.registry:
        kinds = ", ".join(services.registry.kinds)
        raise invalid([("query.kind", f"must be one of {kinds}")])
    page = await services.run(
        services.task_list.page,
        owner,
        limit,
        since=0.0 if since is None else since.timestamp(),
        cursor=cursor,
        matches=_filter(status, kind, services.registry),
    )
    return present_page(page, services)


def _filter(
    status: Status | None, kind: str | None, registry: Registry
) -> Callable[[Task], bool] | None:
    if status is None and kind is None:
        return None

    def matches(task: Task) -> bool:
        if status is not None and task.status is not status:
            return False
        is_drink = task.lane is not Lane.DOCUMENT
        return kind is None or (is_drink and kind in registry.kinds_of(task.input))

    return matches
