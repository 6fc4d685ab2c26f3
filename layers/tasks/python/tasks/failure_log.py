"""One log line for all failures of a batch, so that a batch cannot flood the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    Failure = tuple[str, Exception]  # the id of a task, and why it failed


def log_failures(logger: logging.Logger, message: str, failures: Sequence[Failure]) -> None:
    """Log the number of failures, if there are any, and one of them as a sample.

    An unexpected error is preferred as the sample, and logged with its traceback. `Unavailable`
    says enough without one.
    """
    if not failures:
        return
    unexpected = [found for found in failures if not isinstance(found[1], Unavailable)]
    task_id, error = (unexpected or failures)[0]
    logger.log(
        logging.ERROR if unexpected else logging.WARNING,
        "%s (%d of this batch)",
        message,
        len(failures),
        exc_info=error if unexpected else None,
        extra={"task_id": task_id, "count": len(failures)},
    )
