"""Tests of the measurements of the local stack; only `make bench` runs the real stack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.backlog import ARRAY, backlog
from benchmarks.local_stack import (
    PROCESSED,
    SINGLE_TASKS,
    LoadedStack,
    import_seconds,
    latency,
)
from benchmarks.process_runner import run_process
from benchmarks.services import READY
from infra.local.greeting import greeting
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.benchmarks.conftest import FakeService


@pytest.fixture
def stack(service: FakeService) -> Iterator[LoadedStack]:
    """A stack with 200 waiting tasks; a process without work stands for its workers."""
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as worker,
        backlog(service.url) as waiting,
    ):
        waiting.fill(2 * ARRAY)
        yield LoadedStack(service.url, waiting, 2 * ARRAY, [worker.pid])
        worker.kill()


def test_a_single_task_is_submitted_after_the_one_before(service: FakeService) -> None:
    """The caller waits for each result in the request that submits the task."""
    assert latency(service.url) > 0
    assert [len(drinks) for drinks in service.submissions] == [1] * SINGLE_TASKS


def test_a_single_task_that_fails_is_an_error(service: FakeService) -> None:
    service.status = "FAIL"
    with pytest.raises(RuntimeError, match="ended as"):
        latency(service.url)


def test_the_queue_stays_full_while_its_throughput_is_measured(
    service: FakeService, stack: LoadedStack
) -> None:
    assert stack.throughput() > 0
    assert len(service.submissions) == 3 + 1 + PROCESSED // ARRAY


def test_a_queue_that_runs_empty_is_an_error(service: FakeService, stack: LoadedStack) -> None:
    """Otherwise the tasks of a caller would be compared on two idle stacks."""
    assert stack.latency() > 0
    service.is_final = lambda _: True
    with pytest.raises(RuntimeError, match="empty"):
        stack.latency()


@pytest.mark.parametrize(
    ("part", "needed", "absent"),
    [
        ("api", {"functions.api.app", "uvicorn", "typer"}, {"numpy", "httpx2", "rich"}),
        ("worker", {"functions.worker.batch", "numpy"}, {"fastapi", "aws_lambda_powertools"}),
    ],
)
def test_a_part_of_the_stack_imports_only_what_it_needs(
    part: str, needed: set[str], absent: set[str]
) -> None:
    """The start is compared with these imports, so no module of the benchmarks may be one."""
    [report] = run_process("stack_modules_process", part).reports
    found = set(report["modules"])
    assert needed <= found
    assert not found & {"benchmarks", "benchmarks.process_report", "boto3", "botocore", *absent}


def test_several_processes_import_their_modules_at_the_same_time() -> None:
    assert import_seconds([["json"], ["csv"]]) > 0


def test_the_url_is_found_in_the_greeting_of_make_run() -> None:
    """`services` waits for it."""
    printed = greeting("http://127.0.0.1:8000", Vocabulary.load(Artifacts.open()), Path("/data"))
    found = READY.search(printed.encode())
    assert found
    assert found[1] == b"http://127.0.0.1:8000"
