"""The command `submit`: a file of drinks, and its answers as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from barback import ApiError, BarbackError, Drink, Result, Status, Task
from barback._cli.console import STDERR, Connection, code_for, code_of, note
from barback._cli.input_file import Entry, read_drinks
from barback._cli.options import Exclude, Only, Timeout, TopK
from barback._cli.output_file import output, write_csv, write_json
from barback._cli.submission import Job

WRITERS: Final = {"csv": write_csv, "json": write_json}


def submit(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            help="One drink to a line: names with `;` between them, or JSON; `-`: standard input."
        ),
    ],
    wait: Annotated[bool, typer.Option("--wait", help="Wait, and print the answers.")] = False,
    form: Annotated[
        Literal["csv", "json"], typer.Option("--format", help="Of the answers.")
    ] = "csv",
    to: Annotated[
        Path | None, typer.Option("--output", help="A file for the answers.", dir_okay=False)
    ] = None,
    timeout: Timeout = 600.0,
    document: Annotated[
        bool, typer.Option("--document", help="Make one task of all; much faster for many.")
    ] = False,
    exclude: Exclude = None,
    only: Only = None,
    top_k: TopK = None,
    priority: Annotated[
        Literal["interactive", "bulk"] | None, typer.Option(help="Bulk waits behind interactive.")
    ] = None,
    idempotency_key: Annotated[
        str, typer.Option(help="The same file under the same key makes no second tasks.")
    ] = "",
) -> None:
    """Submit the drinks in a file: print their tasks' ids, or wait for the answers."""
    if to and not wait:
        raise typer.BadParameter("--output is for answers; add --wait.")
    if priority and document:
        raise typer.BadParameter("A document has a queue of its own; leave --priority out.")
    defaults = Drink(exclude=exclude, only=only, top_k=top_k, priority=priority)
    entries = read_drinks(file, defaults)
    job = Job(entries, document, idempotency_key)
    with _placed(file, entries):
        if not wait:
            asyncio.run(_submit(ctx.obj, job))
            return
        with output(to) as stream:
            results = asyncio.run(_answer(ctx.obj, job, timeout))
            WRITERS[form](stream, zip(entries, results, strict=True))
    _sum_up(results, timeout)


async def _submit(connection: Connection, job: Job) -> None:
    tasks: list[Task] = []
    async with connection.open_async() as bar:
        try:
            tasks = await job.submit(bar)
        except BarbackError as error:
            tasks = list(error.tasks)
            raise
        finally:
            for task in tasks:
                typer.echo(task.task_id)


async def _answer(connection: Connection, job: Job, wait: float) -> list[Result]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=STDERR,
        disable=not STDERR.is_terminal,
        transient=True,
    ) as progress:
        shown = progress.add_task("submitting", total=None)
        async with connection.open_async() as bar:
            tasks = await job.submit(bar)
            progress.update(shown, description="waiting", total=len(tasks))
            return await job.answers(bar, tasks, wait, lambda _: progress.advance(shown))


@contextmanager
def _placed(file: str, entries: list[Entry]) -> Iterator[None]:
    """Say of which line of the file an error is."""
    try:
        yield
    except BarbackError as error:
        if error.tasks:
            note(f"{len(error.tasks)} drinks had been submitted before; their tasks go on.")
        if not isinstance(error, ApiError) or error.index is None:
            raise
        note(f"{file}, line {entries[error.index].line}: {error}")
        raise typer.Exit(code_of(error)) from error


def _sum_up(results: list[Result], timeout: float) -> None:
    pending = sum(result.status is Status.PROCESSING for result in results)
    ended = sum(result.status in (Status.FAIL, Status.CANCELLED) for result in results)
    if pending:
        note(
            f"{pending} of {len(results)} drinks were not answered in {timeout:g} s; their tasks"
            " go on, and `barback result` asks for them by id."
        )
    if ended:
        note(f"{ended} of {len(results)} drinks have no suggestion; their rows say why.")
    raise typer.Exit(code_for(result.status for result in results))
