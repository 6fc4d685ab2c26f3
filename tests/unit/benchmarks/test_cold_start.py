"""Tests of the measuring processes: they do the functions' real work. Times are not tested."""

from __future__ import annotations

import pytest

from benchmarks.process_runner import run_process
from benchmarks.tables import REFERENCES, imported_modules


@pytest.mark.parametrize("function", REFERENCES)
def test_a_function_responds_successfully_without_aws(function: str) -> None:
    """The handler creates AWS clients, and the stub answers their requests."""
    assert {"botocore.client", f"functions.{function}.bootstrap"} <= set(imported_modules(function))


def test_a_process_can_import_given_modules_only() -> None:
    """It reports its memory."""
    measurement = run_process("cold_start_process", "worker", "imports", MODULES='["json"]')
    [report] = measurement.reports
    assert report["resident_bytes"] > 0
    assert measurement.seconds > 0


def test_a_process_that_fails_is_an_error() -> None:
    """The error has the output of the process."""
    with pytest.raises(RuntimeError, match="No module named"):
        run_process("cold_start_process", "unknown", "response")
