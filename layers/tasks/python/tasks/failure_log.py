"""One log line for all failures of a batch, so that a batch cannot flood the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Failure = tuple[Mapping[str, str], Exception]  # the `trace_fields` of a task, and why it failed


def trace_fields(task_id: str, traceparent: str | None) -> dict[str, str]:
    """Return the fields of a log line about a task, with its trace if the caller has one."""
    return {"task_id": task_id} | ({"traceparent": traceparent} if traceparent else {})


def log_failures(logger: logging.Logger, message: str, failures: Sequence[Failure]) -> None:
    """Log the number of failures, if there are any, and one of them as a sample.

    An unexpected error is preferred as the sample, and logged with its traceback. `Unavailable`
    says enough without one.
    """
    if not failures:
        return
    unexpected = [found for found in failures if not isinstance(found[1], Unavailable)]
    fields, error = (unexpected or failures)[0]
    logger.log(
        logging.ERROR if unexpected else logging.WARNING,
        "%s (%d of this batch)",
        message,
        len(failures),
        exc_info=error if unexpected else None,
        extra={**fields, "count": len(failures)},
    )
