from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from suggester.engines.native_output import without_lines

ROOT = Path(__file__).parents[3]
LOAD = """
from suggester.artifacts import Artifacts
from suggester.engines.litert import load
load(Artifacts.open())
"""


def write(text: bytes) -> None:
    os.write(2, text)


def test_only_the_given_lines_are_removed(capfd: pytest.CaptureFixture[str]) -> None:
    """Other lines are printed when the block ends, and everything after that at once."""
    with without_lines(b"INFO: Created"):
        write(b"ERROR: no operator\nINFO: Created delegate\nINFO: other\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "ERROR: no operator\nINFO: other\n"
    write(b"INFO: Created delegate\n")
    assert capfd.readouterr().err == "INFO: Created delegate\n"


def test_an_error_in_the_block_loses_no_line(capfd: pytest.CaptureFixture[str]) -> None:
    """The lines that explain the error are printed."""
    with suppress(ValueError), without_lines(b"INFO"):
        write(b"ERROR: the model is damaged\n")
        raise ValueError("damaged")
    assert capfd.readouterr().err == "ERROR: the model is damaged\n"


def test_more_output_than_a_pipe_holds_does_not_block(capfd: pytest.CaptureFixture[str]) -> None:
    """What fits into the pipe is printed."""
    with without_lines(b"INFO"):
        for _ in range(100):
            try:
                write(b"x" * 1023 + b"\n")
            except BlockingIOError:
                break
        else:
            pytest.fail("The pipe was never full.")
    assert capfd.readouterr().err.count("x") > 1023


def test_litert_prints_nothing_when_it_loads_a_network() -> None:
    """A process of its own, because LiteRT prints its note only once."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "layers/model/python")}
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD], env=environment, capture_output=True, check=True
    )
    assert loaded.stdout + loaded.stderr == b""
