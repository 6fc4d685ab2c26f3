"""The commands for files: `submit` answers the drinks of a file, `resume` continues it."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from barback._cli.connection import Connection
from barback._cli.execution import execute
from barback._cli.input_file import InputLine, read_lines
from barback._cli.job import Job, Settings
from barback._cli.options import (
    AsDocument,
    Deadline,
    Exclude,
    IdempotencyKey,
    IgnoreUnknown,
    InputFile,
    Kind,
    Length,
    Metadata,
    Novelty,
    Only,
    Output,
    Priority,
    ResultFormat,
    ResumeFilePath,
    Strict,
    Timeout,
    TopK,
    Wait,
    WebhookUrl,
    kinds_in,
    metadata_in,
)
from barback._drink import Drink
from barback._run import Run


def submit(
    ctx: typer.Context,
    file: InputFile,
    wait: Wait = False,
    result_format: ResultFormat = "csv",
    output: Output = None,
    timeout: Timeout = 600.0,
    document: AsDocument = None,
    strict: Strict = False,
    kind: Kind = "",
    exclude: Exclude = None,
    only: Only = None,
    top_k: TopK = None,
    length: Length = None,
    novelty: Novelty = None,
    priority: Priority = None,
    deadline_seconds: Deadline = None,
    metadata: Metadata = None,
    ignore_unknown: IgnoreUnknown = False,
    idempotency_key: IdempotencyKey = "",
    webhook: WebhookUrl = "",
) -> None:
    """Submit the lines of a file and print their task ids, or wait for their results.

    Options apply to every line, except --top-k to those of kind complete, and --length to those of
    kind next. A line's own fields replace them, but its exclusions add to --exclude. With
    --document, the file as a whole has the deadline and the metadata.

    A line that is not valid (broken JSON, an unknown or repeated field, an unknown ingredient) is
    not answered. It has a row with the status FAIL and the reason, the other lines are answered,
    and the exit code is 1. JSON that may continue on the next line makes the whole file invalid
    (exit code 2), because one of its parts could look like a drink without its exclusions.

    After an error, Ctrl-C or the timeout, the results so far are written, and a resume file
    remains. `barback resume FILE` continues. It also does so after `kill -9`.
    """
    connection: Connection = ctx.obj
    if output and not wait:
        raise typer.BadParameter("--output is for results. Add --wait.")
    _check_folder(output)
    own: dict[str, Any] = {"deadline_seconds": deadline_seconds, "metadata": metadata_in(metadata)}
    defaults = Drink(
        kind=kinds_in(kind) if kind else None,
        exclude=exclude,
        only=only,
        top_k=top_k,
        length=length,
        novelty=novelty,
        priority=priority,
        **({} if document else own),
    )
    if document:
        _check_document(defaults, ignore_unknown=ignore_unknown)
    lines = read_lines(file, defaults, strict=strict)
    run = _create_run(
        lines,
        as_document=document if wait else bool(document),
        idempotency_key=idempotency_key,
        strict=strict,
        ignore_unknown=ignore_unknown,
        webhook=webhook,
        **(own if document else {}),
    )
    settings = Settings(
        source=file,
        url=connection.url,
        language=connection.language,
        wait=wait,
        result_format=result_format,
        output=str(output.absolute()) if output else "",
        timeout=timeout,
    )
    raise typer.Exit(execute(connection, Job.start(settings, lines, run)))


def _check_document(defaults: Drink, *, ignore_unknown: bool) -> None:
    """Check that a document allows the options."""
    options = {"--priority": defaults.priority, "--ignore-unknown": ignore_unknown}
    if wrong := next((name for name, value in options.items() if value), None):
        raise typer.BadParameter(f"{wrong} is for tasks. Remove it or --document.")


def _create_run(lines: list[InputLine], **options: Any) -> Run:
    try:
        return Run([line.drink for line in lines if line.drink], **options)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def resume(
    ctx: typer.Context,
    file: ResumeFilePath,
    output: Output = None,
    timeout: Annotated[
        float | None, typer.Option(min=0, help="The seconds to wait, instead of those of `submit`.")
    ] = None,
) -> None:
    """Continue a `submit` that was interrupted, and print the ids or results of the whole file.

    Its options still apply. No drink is submitted twice. The resume file is deleted at the end.
    """
    connection: Connection = ctx.obj
    try:
        job = Job.resume(file)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    settings = job.settings
    if settings.url.rstrip("/") != connection.url.rstrip("/"):
        raise typer.BadParameter(
            f"{file} belongs to {settings.url}, which is not {connection.url}. The API key goes"
            f" there too, so confirm it: barback --url {settings.url} resume {file}"
        )
    if output and not settings.wait:
        raise typer.BadParameter("--output is for results, and this run prints ids.")
    _check_folder(output)
    settings = replace(
        settings,
        output=str(output.absolute()) if output else settings.output,
        timeout=settings.timeout if timeout is None else timeout,
    )
    connection = replace(connection, language=settings.language)
    raise typer.Exit(execute(connection, replace(job, settings=settings)))


def _check_folder(output: Path | None) -> None:
    """Check that there is a place for the results before anything is submitted."""
    if output and not output.resolve().parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(output))
