"""The commands `submit` and `resume` when something interrupts them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from clients.python.tests.fakes import problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService

TASKS = ("--wait", "--no-document")
PROGRAM = """
import sys
from barback._cli.app import cli
from clients.python.tests.fakes import FakeService
cli(sys.argv[1:], obj={"transport": FakeService().transport})
"""
LINES = "".join(f"{number}\n" for number in range(150)) + "hangs\n"


def press_control_c(service: FakeService) -> None:
    """Interrupt the first request for a result."""

    def press(request: httpx2.Request) -> None:
        if request.method == "GET":
            service.on_request = forget
            signal.raise_signal(signal.SIGINT)

    service.on_request = press


def lose_the_server(service: FakeService) -> None:
    """Answer no request for a result."""

    def lose(request: httpx2.Request) -> None:
        if request.method == "GET":
            raise httpx2.ConnectError("gone")

    service.on_request = lose


def forget(_: httpx2.Request) -> None:
    """Do nothing."""


def finish_tasks(service: FakeService) -> None:
    for task in service.tasks:
        if task["status"] == "PROCESSING":
            task.update(status="SUCCESS", result="ice")


def resume_file() -> Path:
    [path] = Path().glob("*.resume")
    return path


@pytest.mark.parametrize(
    ("interrupt", "code"), [(press_control_c, 130), (lose_the_server, 4)], ids=["Ctrl-C", "lost"]
)
def test_an_interrupted_run_writes_its_results_and_continues(
    barback: Command,
    service: FakeService,
    interrupt: Callable[[FakeService], None],
    code: int,
) -> None:
    interrupt(service)
    done = barback("submit", "-", *TASKS, stdin=LINES)
    assert done.exit_code == code
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [int(row["line"]) for row in rows] == list(range(1, 152))
    assert {row["status"] for row in rows[:99]} == {"SUCCESS"}
    assert all(row["task_id"] for row in rows)
    assert f"Continue with: barback resume {resume_file()}" in done.stderr
    service.on_request = forget
    finish_tasks(service)
    again = barback("resume", str(resume_file()))
    assert again.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(again.stdout)))
    assert [row["result"] for row in rows] == [2 * str(n) for n in range(150)] + ["ice"]
    assert len(service.tasks) == 151
    assert list(Path().iterdir()) == []


def test_the_output_file_has_the_results_so_far(
    barback: Command, service: FakeService, tmp_path: Path
) -> None:
    """`resume` replaces it."""
    output = tmp_path / "results.json"
    options = (*TASKS, "--format", "json", "--output", str(output))
    press_control_c(service)
    assert barback("submit", "-", *options, stdin="milk\nhangs\n").exit_code == 130
    entries = json.loads(output.read_text())
    assert [entry["status"] for entry in entries] == ["SUCCESS", "PROCESSING"]
    service.on_request = forget
    finish_tasks(service)
    assert barback("resume", str(resume_file())).exit_code == 0
    entries = json.loads(output.read_text())
    assert [entry["result"] for entry in entries] == ["milkmilk", "ice"]


def test_a_run_that_is_not_finished_in_time_continues(
    barback: Command, service: FakeService
) -> None:
    barback("submit", "-", *TASKS, "--timeout", "0.01", stdin="hangs\n")
    assert barback("resume", str(resume_file()), "--timeout", "0.01").exit_code == 4
    finish_tasks(service)
    assert barback("resume", str(resume_file())).exit_code == 0


def test_the_ids_so_far_are_printed(barback: Command, service: FakeService) -> None:
    """Without --wait, `resume` prints all ids."""
    service.on_request = lambda _: (
        signal.raise_signal(signal.SIGINT) if len(service.requests) == 1 else None
    )
    done = barback("submit", "-", stdin="milk\n" * 150)
    assert done.exit_code == 130
    service.on_request = forget
    again = barback("resume", str(resume_file()))
    assert again.exit_code == 0
    assert again.stdout.split() == [f"task-{number}" for number in range(150)]
    assert set(done.stdout.split()) <= set(again.stdout.split())


def test_invalid_lines_are_in_the_results_of_a_resumed_run(
    barback: Command, service: FakeService
) -> None:
    press_control_c(service)
    barback("submit", "-", *TASKS, stdin='milk\n{"excludes": ["nuts"]}\nunknown\nhangs\n')
    service.on_request = forget
    finish_tasks(service)
    done = barback("resume", str(resume_file()))
    assert done.exit_code == 1
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["result"] for row in rows] == ["milkmilk", "", "", "ice"]
    assert "-, line 2: unknown field 'excludes'" in done.stderr
    assert "-, line 3: 'unknown' is not known." in done.stderr


def test_results_that_cannot_be_written_are_kept(barback: Command) -> None:
    """A full disk does not lose them."""
    done = barback("submit", "-", "--wait", "--output", "/dev/full", stdin="milk\n")
    assert done.exit_code == 2
    assert "Continue with: barback resume" in done.stderr
    again = barback("resume", str(resume_file()), "--output", "results.csv")
    assert again.exit_code == 0
    assert "milkmilk" in Path("results.csv").read_text()


def test_a_refused_request_leaves_no_resume_file(barback: Command, service: FakeService) -> None:
    """The service has no task of the run."""
    service.refusals = [problem(403, "key-refused")]
    assert barback("submit", "-", "--wait", stdin="milk\n").exit_code == 3
    assert list(Path().iterdir()) == []


def test_a_run_is_resumed_at_its_own_service_only(barback: Command, service: FakeService) -> None:
    """Another service must not get the API key."""
    press_control_c(service)
    done = barback("--url", "http://bar:81", "submit", "-", "--wait", stdin="milk\nhangs\n")
    assert f"barback --url http://bar:81 resume {resume_file()}" in done.stderr
    before = len(service.requests)
    refused = barback("resume", str(resume_file()))
    assert refused.exit_code == 2
    assert "belongs to http://bar:81" in refused.stderr
    assert len(service.requests) == before


def test_the_language_of_the_run_is_kept(barback: Command, service: FakeService) -> None:
    press_control_c(service)
    barback("--language", "ru", "submit", "-", *TASKS, stdin="milk\nhangs\n")
    service.on_request = forget
    finish_tasks(service)
    barback("resume", str(resume_file()))
    assert {request.headers["Accept-Language"] for request in service.requests} == {"ru"}


def test_another_file_cannot_be_resumed(barback: Command) -> None:
    Path("drinks.csv").write_text("milk\n")
    done = barback("resume", "drinks.csv")
    assert done.exit_code == 2
    assert "drinks.csv is not a resume file" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--wait"], "Finished: 1 of 1 lines. Not all rows were written."),
        ([], "Submitted: 1 of 1 lines. Their tasks continue. Not all ids were written."),
    ],
    ids=["rows", "ids"],
)
def test_a_closed_pipe_leaves_the_resume_file(options: list[str], message: str) -> None:
    """As in `barback submit FILE --wait | head -1`; a message says how to get the rest."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "submit", "-", *options],
        input="milk\n",
        stdout=writer,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": ":".join(sys.path)},
        check=False,
        text=True,
    )
    os.close(writer)
    assert done.returncode == 141
    continued = f"barback: Continue with: barback resume {resume_file()}"
    assert done.stderr.splitlines()[-2:] == [f"barback: {message}", continued]
    assert "Traceback" not in done.stderr
