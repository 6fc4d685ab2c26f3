"""The commands for several tasks: `tasks`, `batch` and `retry`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from barback._cli.connection import Connection
from barback._cli.console import print_message
from barback._cli.exit_codes import exit_code_for_results, exit_code_for_statuses
from barback._cli.options import Ids, Json, Timeout
from barback._cli.result_formats import to_json, to_line, to_local_time
from barback._cli.tasks import for_each
from barback._collections import Batch, CancelledBatch, ListedTask
from barback._errors import ApiError
from barback._responses import Status

LIST_OFF = "urn:barback:problem:task-list-off"


def _read_time(text: str | None) -> datetime | None:
    """Read a time; one without a zone is of this machine."""
    try:
        return None if text is None else datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is not a time. Write one such as 2026-11-27 or 2026-11-27T15:00."
        ) from error


def tasks(
    ctx: typer.Context,
    status: Annotated[Status | None, typer.Option(help="Only tasks with this status.")] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Only tasks that were submitted at this time or later.", metavar="TIME"),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Only tasks of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most tasks to print.")] = 50,
    as_json: Json = False,
) -> None:
    """Print your tasks, the newest first: id, status, kind, and when they were submitted."""
    connection: Connection = ctx.obj
    moment = _read_time(since)
    with connection.open() as bar:
        try:
            for task in bar.tasks(status=status, since=moment, kind=kind, limit=limit):
                typer.echo(to_json(task) if as_json else _listed(task))
        except ApiError as error:
            raise _explained(error) from error


def _explained(error: ApiError) -> ApiError:
    """Return the error with the names of options instead of those of a query."""
    if error.type == LIST_OFF:
        return error
    detail = error.detail.replace("query.", "--")
    return ApiError(error.status, {**error.problem, "detail": detail}, error.retry_after)


def _listed(task: ListedTask) -> str:
    kinds = [task.kind or "document"] if not isinstance(task.kind, tuple) else task.kind
    when = "" if task.submitted_at is None else to_local_time(task.submitted_at)
    return f"{task.task_id}\t{task.status}\t{','.join(kinds)}\t{when}"


def retry(ctx: typer.Context, ids: Ids) -> None:
    """Submit tasks that failed or were cancelled again, and print the new tasks."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        new, refused = for_each(ids, bar.retry)
    for task in new:
        typer.echo(f"{task.task_id}\t{task.status}")
    raise typer.Exit(refused)


def batch(
    ctx: typer.Context,
    batch_id: Annotated[
        str, typer.Argument(metavar="ID", help="The id of a batch, which `submit` names.")
    ],
    timeout: Timeout = 0.0,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="Cancel the tasks that are not finished.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print the results of a batch in the order of its drinks, and count them by status."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        if cancel:
            cancelled = bar.cancel_batch(batch_id)
            lines = [to_json(cancelled)] if as_json else cancelled.cancelled
            code = exit_code_for_statuses([])
            _print_counts(cancelled)
        else:
            found = bar.batch(batch_id, wait=timeout)
            lines = [to_json(found)] if as_json else [to_line(each) for each in found.results]
            code = exit_code_for_results(found.results)
            _print_counts(found)
    for line in lines:
        typer.echo(line)
    raise typer.Exit(code)


def _print_counts(found: Batch | CancelledBatch) -> None:
    counts = ", ".join(f"{count} {status}" for status, count in found.counts.items() if count)
    print_message(f"{counts}.")
