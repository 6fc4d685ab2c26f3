"""The exit codes of the commands."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from barback._errors import ApiError, TaskUnsuccessful
from barback._responses import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from barback._errors import BarbackError
    from barback._responses import Result

TOO_MANY_REQUESTS: Final = 429


class ExitCode(IntEnum):
    """The exit codes that `barback --help` and the README explain."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4
    INTERRUPTED = 130  # 128 + SIGINT
    PIPE_CLOSED = 141  # 128 + SIGPIPE


def exit_code_for_error(error: BarbackError) -> ExitCode:
    """Return the exit code for an error: does the request have to change, or may a retry help?"""
    if isinstance(error, TaskUnsuccessful):
        return ExitCode.FAILED
    if isinstance(error, ApiError) and _is_refusal(error.status):
        return ExitCode.REFUSED
    return ExitCode.UNAVAILABLE


def _is_refusal(status: int) -> bool:
    return 400 <= status < 500 and status != TOO_MANY_REQUESTS  # noqa: PLR2004 - client errors


def exit_code_for_results(results: Iterable[Result]) -> ExitCode:
    """Return the exit code for results, of which one may lack the answer to one of its kinds."""
    found = list(results)
    code = exit_code_for_statuses(result.status for result in found)
    is_partial = any(result.failed_parts for result in found)
    return ExitCode.FAILED if is_partial and code is ExitCode.OK else code


def exit_code_for_statuses(statuses: Iterable[Status]) -> ExitCode:
    """Return the exit code for the statuses of the tasks that a command printed."""
    found = set(statuses)
    if Status.PROCESSING in found:
        return ExitCode.UNAVAILABLE
    return ExitCode.OK if found <= {Status.SUCCESS} else ExitCode.FAILED
