"""The commands that are about tasks by their ids: `status`, `result`, `lines` and `cancel`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import typer

from barback import ApiError, Status, Task
from barback._cli.console import Connection, ExitCode, code_for, code_of, note
from barback._cli.options import Id, Ids, Json, Timeout
from barback._cli.output_file import to_json

T = TypeVar("T", bound=Task)


def status(ctx: typer.Context, ids: Ids) -> None:
    """Print where tasks stand."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        found, refused = _each(ids, bar.status)
    for task in found:
        typer.echo(f"{task.task_id}\t{task.status}")
    ended = [task.status for task in found if task.status is not Status.PROCESSING]
    raise typer.Exit(refused or code_for(ended))


def result(
    ctx: typer.Context,
    ids: Ids,
    timeout: Timeout = 0.0,
    as_json: Json = False,
) -> None:
    """Print how tasks ended."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        until = time.monotonic() + timeout
        found, refused = _each(ids, lambda task: bar.result(task, wait=until - time.monotonic()))
    for task in found:
        line = f"{task.task_id}\t{task.status}\t{';'.join(task.names)}"
        typer.echo(to_json(task) if as_json else line)
    raise typer.Exit(refused or code_for(task.status for task in found))


def lines(ctx: typer.Context, task_id: Id, timeout: Timeout = 0.0) -> None:
    """Print the answers to the lines of a document, each as JSON."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        result = bar.result(task_id, wait=timeout)
        if result.status is not Status.SUCCESS:
            why = f" {result.error.detail}" if result.error else ""
            note(f"Task {task_id} is {result.status}.{why}")
            raise typer.Exit(code_for([result.status]))
        if result.document is None:
            raise typer.BadParameter(f"Task {task_id} is of a drink; only a document has lines.")
        found = bar.lines(result)
    for line in found:
        typer.echo(to_json(line))
    raise typer.Exit(ExitCode.FAILED if any(line.error for line in found) else ExitCode.OK)


def cancel(ctx: typer.Context, ids: Ids) -> None:
    """Cancel tasks that are not finished."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        found, refused = _each(ids, bar.cancel)
    for task in found:
        typer.echo(f"{task.task_id}\t{task.status}")
    raise typer.Exit(refused)


def _each(ids: list[str], ask: Callable[[str], T]) -> tuple[list[T], ExitCode]:
    """Ask about each; one that the service refuses does not keep the others from an answer."""
    found, refused = [], ExitCode.OK
    for task_id in ids:
        try:
            found.append(ask(task_id))
        except ApiError as error:
            if code_of(error) is not ExitCode.REFUSED:
                raise
            refused = ExitCode.REFUSED
            note(f"{task_id}: {error}")
    return found, refused
