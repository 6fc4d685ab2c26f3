"""The commands for tasks by id: `status`, `result`, `lines` and `cancel`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import typer

from barback._cli.connection import Connection
from barback._cli.console import print_message
from barback._cli.exit_codes import (
    ExitCode,
    exit_code_for_error,
    exit_code_for_results,
    exit_code_for_statuses,
)
from barback._cli.options import Id, Ids, Json, Timeout
from barback._cli.result_formats import to_json, to_line
from barback._errors import ApiError
from barback._responses import Status, Task

T = TypeVar("T", bound=Task)


def status(ctx: typer.Context, ids: Ids) -> None:
    """Print the status of tasks."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        tasks, refused = for_each(ids, bar.status)
    for task in tasks:
        typer.echo(f"{task.task_id}\t{task.status}")
    ended = [task.status for task in tasks if task.is_final]
    raise typer.Exit(refused or exit_code_for_statuses(ended))


def result(
    ctx: typer.Context,
    ids: Ids,
    timeout: Timeout = 0.0,
    as_json: Json = False,
) -> None:
    """Print the results of tasks."""
    connection: Connection = ctx.obj
    until = time.monotonic() + timeout
    with connection.open() as bar:
        results, refused = for_each(
            ids, lambda task_id: bar.result(task_id, wait=until - time.monotonic())
        )
    for task in results:
        typer.echo(to_json(task) if as_json else to_line(task))
        if task.document:
            print_message(f"`barback lines {task.task_id}` prints the results of its lines.")
    raise typer.Exit(refused or exit_code_for_results(results))


def lines(ctx: typer.Context, task_id: Id, timeout: Timeout = 0.0) -> None:
    """Print the results of a document's lines as JSON, one per line."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        result = bar.result(task_id, wait=timeout)
        if result.status is not Status.SUCCESS:
            reason = f" {result.error.detail}" if result.error else ""
            print_message(f"Task {task_id} has no lines: its status is {result.status}.{reason}")
            raise typer.Exit(exit_code_for_statuses([result.status]))
        if result.document is None:
            raise typer.BadParameter(
                f"Task {task_id} is no document, so it has no lines. Use `barback result`."
            )
        line_results = bar.lines(result)
    for line in line_results:
        typer.echo(to_json(line))
    failed = any(line.error or line.failed_parts for line in line_results)
    raise typer.Exit(ExitCode.FAILED if failed else ExitCode.OK)


def cancel(ctx: typer.Context, ids: Ids) -> None:
    """Cancel tasks that are not finished."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        tasks, refused = for_each(ids, bar.cancel)
    for task in tasks:
        typer.echo(f"{task.task_id}\t{task.status}")
    raise typer.Exit(refused)


def for_each(ids: list[str], call: Callable[[str], T]) -> tuple[list[T], ExitCode]:
    """Call a function for each id; an id that the service refuses does not stop the others."""
    results, refused = [], ExitCode.OK
    for task_id in ids:
        try:
            results.append(call(task_id))
        except ApiError as error:
            if exit_code_for_error(error) is not ExitCode.REFUSED:
                raise
            refused = ExitCode.REFUSED
            print_message(f"{task_id}: {error}")
    return results, refused
