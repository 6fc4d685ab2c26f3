"""A pipeline of another package in `make run`."""

from __future__ import annotations

import os
import re
import signal
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import httpx2
import pytest

from tests.integration.test_make_run import READY_WITHIN, free_port, start

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = """
from dataclasses import dataclass
from pipelines.pipeline import Pipeline

@dataclass(frozen=True)
class Text:
    text: str

PIPELINE = Pipeline(
    kind="upper",
    summary="A text in capital letters.",
    input=Text,
    output=Text,
    load="bb_upper_code:load",
    example={"text": "a"},
    memory=0,
    seconds=0.001,
)
"""
CODE = """
from bb_upper import Text

def load(suggester):
    print("bb_upper is loaded", flush=True)
    return lambda inputs: [Text(found.text.upper()) for found in inputs]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a package, which only the user's PYTHONPATH names."""
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "bb_upper.py").write_text(PACKAGE)
    (packages / "bb_upper_code.py").write_text(CODE)
    (packages / "bb_same.py").write_text("from tests.sentiment import PIPELINE")
    (packages / "bb_broken.py").write_text(PACKAGE.replace("_code:load", "_code:nowhere"))
    return packages


@contextmanager
def make_run(data: Path, packages: Path, names: str) -> Iterator[subprocess.Popen[str]]:
    process = start(free_port(), data, PYTHONPATH=str(packages), PIPELINES=names)
    watchdog = threading.Timer(READY_WITHIN, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def until_ready(output: IO[str]) -> tuple[str, str]:
    """Return what is printed until the stack is ready, and its URL."""
    before = ""
    for line in output:
        if found := re.search("ready: (.*)/", line):
            return before, found[1]
        before += line
    raise AssertionError(before)


def test_packages_add_kinds_to_the_api_and_the_workers(tmp_path: Path, folder: Path) -> None:
    """One is in the folder of the project, the other where PYTHONPATH says."""
    with make_run(tmp_path / "data", folder, "bb_upper, tests.sentiment") as process:
        assert process.stdout is not None
        before, url = until_ready(process.stdout)
        assert before.count("bb_upper is loaded") == 1  # for drinks and documents
        body = [{"kind": "upper", "text": "milk"}, {"kind": "sentiment", "text": "lovely"}]
        headers = {"Prefer": "wait=20"}
        with httpx2.Client(timeout=30) as http:
            results = http.post(f"{url}/api/process", json=body, headers=headers).json()
    assert results[0]["output"] == {"text": "MILK"}
    assert results[1]["output"]["score"] == 1


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("bb_nowhere", "barback: The pipeline 'bb_nowhere' cannot be imported: Module"),
        ("tests.sentiment,bb_same", "barback: Two pipelines have the kind 'sentiment'"),
        ("bb_broken", "barback: The pipeline 'upper' cannot be loaded from bb_upper_code:nowhere"),
    ],
)
def test_a_pipeline_that_cannot_be_used_stops_the_start(
    tmp_path: Path, folder: Path, names: str, message: str
) -> None:
    """The last is found by a worker, because only workers import the code."""
    with make_run(tmp_path / "data", folder, names) as process:
        output, _ = process.communicate()
    assert process.returncode != 0
    assert message in output
    assert "Traceback" not in output
