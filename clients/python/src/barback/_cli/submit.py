"""The command `submit`: reads a file of drinks and writes their task ids or results."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from barback._cli.connection import Connection
from barback._cli.console import STDERR, print_message
from barback._cli.exit_codes import exit_code_for_error, exit_code_for_statuses
from barback._cli.input_file import InputLine, read_drinks
from barback._cli.options import (
    AsDocument,
    Exclude,
    IdempotencyKey,
    InputFile,
    Only,
    Output,
    Priority,
    ResultFormat,
    Timeout,
    TopK,
    Wait,
)
from barback._cli.output_file import open_output
from barback._cli.result_formats import write_csv, write_json
from barback._cli.submission import Submission
from barback._drink import Drink
from barback._errors import ApiError, BarbackError
from barback._responses import Result, Status, Task

WRITERS: Final = {"csv": write_csv, "json": write_json}


def submit(
    ctx: typer.Context,
    file: InputFile,
    wait: Wait = False,
    result_format: ResultFormat = "csv",
    output: Output = None,
    timeout: Timeout = 600.0,
    document: AsDocument = False,
    exclude: Exclude = None,
    only: Only = None,
    top_k: TopK = None,
    priority: Priority = None,
    idempotency_key: IdempotencyKey = "",
) -> None:
    """Submit the drinks in a file and print their task ids, or wait for their results.

    Options apply to every line. A line's own fields replace them, but its exclusions add to
    --exclude.
    """
    if output and not wait:
        raise typer.BadParameter("--output is for results. Add --wait.")
    if priority and document:
        raise typer.BadParameter("A document has its own queue. Remove --priority or --document.")
    defaults = Drink(exclude=exclude, only=only, top_k=top_k, priority=priority)
    lines = read_drinks(file, defaults)
    submission = Submission([line.drink for line in lines], document, idempotency_key)
    with _errors_name_lines(file, lines):
        if not wait:
            asyncio.run(_print_ids(ctx.obj, submission))
            return
        with open_output(output) as stream:
            results = asyncio.run(_wait_for_results(ctx.obj, submission, timeout))
            WRITERS[result_format](stream, zip(lines, results, strict=True))
    _print_summary(results, timeout, "lines" if document else "result")
    raise typer.Exit(exit_code_for_statuses(result.status for result in results))


async def _print_ids(connection: Connection, submission: Submission) -> None:
    tasks: list[Task] = []
    async with connection.open_async() as bar:
        try:
            tasks = await submission.submit(bar)
        except BarbackError as error:
            tasks = list(error.tasks)
            raise
        finally:
            for task in tasks:
                typer.echo(task.task_id)


async def _wait_for_results(
    connection: Connection, submission: Submission, wait: float
) -> list[Result]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=STDERR,
        disable=not STDERR.is_terminal,
        transient=True,
    ) as progress:
        bar_id = progress.add_task("submitting", total=None)
        async with connection.open_async() as bar:
            tasks = await submission.submit(bar)
            progress.update(bar_id, description="waiting", total=len(tasks))
            return await submission.results(bar, tasks, wait, lambda _: progress.advance(bar_id))


@contextmanager
def _errors_name_lines(file: str, lines: list[InputLine]) -> Iterator[None]:
    """Name the line of the file that an error is about."""
    try:
        yield
    except BarbackError as error:
        if error.tasks:
            print_message(
                f"Submitted before the error: {len(error.tasks)} drinks. Their tasks continue."
            )
        if not isinstance(error, ApiError) or error.index is None:
            raise
        print_message(f"{file}, line {lines[error.index].number}: {error}")
        raise typer.Exit(exit_code_for_error(error)) from error


def _print_summary(results: list[Result], timeout: float, fetch_command: str) -> None:
    unfinished = sum(result.status is Status.PROCESSING for result in results)
    failed = sum(result.status in (Status.FAIL, Status.CANCELLED) for result in results)
    if unfinished:
        print_message(
            f"Not finished within {timeout:g} s: {unfinished} of {len(results)} drinks. Their tasks"
            f" continue. Fetch their results later with `barback {fetch_command} ID`."
        )
    if failed:
        print_message(
            f"No suggestion for {failed} of {len(results)} drinks. See `error` in the results."
        )
