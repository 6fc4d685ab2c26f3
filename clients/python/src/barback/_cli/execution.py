"""Executes a job. Whatever happens, the results so far are written and can be completed later."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

from barback._cli.console import print_message
from barback._cli.exit_codes import ExitCode, exit_code_for_error, exit_code_for_results
from barback._cli.output_file import open_output
from barback._cli.progress import shown_progress
from barback._cli.terms import in_terms_of_a_line
from barback._errors import ApiError, BarbackError

if TYPE_CHECKING:
    from barback._cli.connection import Connection
    from barback._cli.job import Job

DEFAULT_URL: Final = "http://127.0.0.1:8000"
MAX_LISTED: Final = 10  # failed lines in the summary


def execute(connection: Connection, job: Job) -> ExitCode:
    """Submit the inputs of a job, write ids or results, and return the exit code."""
    code: ExitCode | None = None
    try:
        asyncio.run(_answer(connection, job))
    except KeyboardInterrupt:
        print_message("Interrupted.")
        code = ExitCode.INTERRUPTED
    except BarbackError as error:
        print_message(_explain(job, error))
        code = exit_code_for_error(error)
    except OSError as error:  # of the resume file
        print_message(f"{error.filename}: {error.strerror or error}.")
        code = ExitCode.USAGE
    _write(connection, job, complete=code is None)
    _list_failures(job)
    if code is None and not job.settings.wait:
        _name_batches(job)
    if code is not None and _has_created_nothing(job, code):
        job.run.finish()
    elif code is not None or (job.settings.wait and job.unfinished):
        _say_how_to_continue(connection, job, timed_out=code is None)
    else:
        job.run.finish()
    return code if code is not None else _exit_code(job)


async def _answer(connection: Connection, job: Job) -> None:
    async with connection.open_async() as bar, shown_progress() as display:
        if job.settings.wait:
            wait = job.settings.timeout
            await bar.answer(job.run, wait=wait, on_progress=display.update)
        else:
            await bar.submit(job.run)


def _name_batches(job: Job) -> None:
    """Say under which ids the tasks can be followed together."""
    for batch_id in job.run.batch_ids[:MAX_LISTED]:
        print_message(f"`barback batch {batch_id}` prints the results of these tasks.")
    if more := len(job.run.batch_ids[MAX_LISTED:]):
        print_message(f"{more} more batches were submitted.")


def _write(connection: Connection, job: Job, *, complete: bool) -> None:
    """Write ids or results; the resume file stays if that fails."""
    if not complete and not job.run.ids and not job.run.results:
        return  # an existing output file is worth more
    output = Path(job.settings.output) if job.settings.output else None
    try:
        with open_output(output) as stream:
            job.write(stream)
            stream.flush()
    except OSError:
        _say_how_to_continue(connection, job, is_written=False)
        raise


def _has_created_nothing(job: Job, code: ExitCode) -> bool:
    """Whether the service has refused each request that a resumed run would repeat."""
    return code is ExitCode.REFUSED and not job.run.ids and not job.run.unanswered


def _say_how_to_continue(
    connection: Connection, job: Job, *, timed_out: bool = False, is_written: bool = True
) -> None:
    run, settings = job.run, job.settings
    done, total = len(run.results), len(run.drinks)
    missing = "" if is_written else f" Not all {'rows' if settings.wait else 'ids'} were written."
    if timed_out:
        print_message(
            f"Not finished within {settings.timeout:g} s: {job.unfinished} of {total} lines."
            " Their tasks continue."
        )
    elif settings.wait:
        place = settings.output or "standard output"
        written = f" Their rows are in {place}." if done and run.ids else ""
        print_message(f"Finished: {done} of {total} lines.{missing or written}")
    else:
        submitted = f"Submitted: {len(run.ids)} of {total} lines. Their tasks continue."
        print_message(f"{submitted}{missing}")
    url = f"--url {shlex.quote(connection.url)} " if connection.url != DEFAULT_URL else ""
    print_message(f"Continue with: barback {url}resume {shlex.quote(str(job.resume_file))}")


def _explain(job: Job, error: BarbackError) -> str:
    """Name the line that an error of a strict run is about."""
    if not isinstance(error, ApiError) or error.index is None or not job.run.strict:
        return str(error)
    lines = [line for line in job.lines if line.drink]
    reason = in_terms_of_a_line(str(error))
    return f"{job.settings.source}, line {lines[error.index].number}: {reason}"


def _list_failures(job: Job) -> None:
    failures = job.failures
    for line, reason in failures[:MAX_LISTED]:
        place = f"{job.settings.source}, line {line.number}"
        print_message(f"{place}: {in_terms_of_a_line(reason)}")
    if more := len(failures[MAX_LISTED:]):
        print_message(f"{more} more lines failed.")
    if failures:
        count = f"{len(failures)} of {len(job.lines)} lines"
        if job.settings.wait:
            print_message(f"No complete answer for {count}. See the results.")
        else:
            print_message(f"Not submitted: {count}.")


def _exit_code(job: Job) -> ExitCode:
    if job.settings.wait:
        return exit_code_for_results(result for _, result in job.rows)
    return ExitCode.FAILED if job.failures else ExitCode.OK
