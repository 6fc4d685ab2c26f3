from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tasks.errors import Unavailable
from tasks.failure_log import log_failures

if TYPE_CHECKING:
    import pytest

LOGGER = logging.getLogger("tests")
TRANSIENT = ({"task_id": "t1"}, Unavailable("The table is slow."))
UNEXPECTED = ({"task_id": "t2"}, ZeroDivisionError("boom"))


def test_transient_failures_are_a_warning_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log_failures(LOGGER, "Not written", [TRANSIENT, TRANSIENT])
    [line] = caplog.records
    assert (line.levelno, line.message) == (logging.WARNING, "Not written (2 of this batch)")
    assert (vars(line)["task_id"], vars(line)["count"], line.exc_info) == ("t1", 2, None)


def test_an_unexpected_failure_is_an_error_and_the_sample(caplog: pytest.LogCaptureFixture) -> None:
    """Its traceback is logged, although another task failed before."""
    log_failures(LOGGER, "Not written", [TRANSIENT, UNEXPECTED])
    [line] = caplog.records
    assert (line.levelno, vars(line)["task_id"]) == (logging.ERROR, "t2")
    assert line.exc_info is not None
    assert line.exc_info[1] is UNEXPECTED[1]


def test_nothing_is_logged_without_failures(caplog: pytest.LogCaptureFixture) -> None:
    log_failures(LOGGER, "Not written", [])
    assert caplog.records == []
