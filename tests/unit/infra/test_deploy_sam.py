"""How `make deploy` runs sam."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.deploy.command import run_command
from infra.deploy.errors import DeployError, SamFailed
from infra.deploy.sam import SAM, Sam, sam_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[3]
PYTHON = "python3.13"
WITHIN = 30.0  # seconds


def script(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{content}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Return a folder with a Python and a container engine that run."""
    folder = tmp_path / "tools"
    script(folder / PYTHON, f"echo {folder}")
    script(folder / "docker", '[ "$*" = info ]')
    return folder


def environment(tools: Path, region: str = "eu-west-1") -> dict[str, str]:
    found = {"PATH": f"/nowhere:{tools}", "HOME": str(tools), "AWS_REGION": "other", "KEPT": "1"}
    return sam_environment(PYTHON, region, found, engines=[str(tools / "docker")])


def test_sam_gets_the_region_and_the_python_of_lambda(tools: Path) -> None:
    assert environment(tools) == {
        "PATH": f"{tools}:/nowhere:{tools}",
        "HOME": str(tools),
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "KEPT": "1",
    }


def test_a_missing_python_stops_the_deployment(tools: Path) -> None:
    (tools / PYTHON).unlink()
    with pytest.raises(DeployError, match=r"sam builds with python3\.13 and its pip"):
        environment(tools)


@pytest.mark.parametrize("content", ["exit 1", None], ids=["not running", "not installed"])
def test_a_container_engine_that_does_not_run_stops_the_deployment(
    tools: Path, content: str | None
) -> None:
    (tools / "docker").unlink()
    if content is not None:
        script(tools / "docker", content)
    with pytest.raises(DeployError, match="no Docker engine runs here"):
        environment(tools)


class Recorder:
    """Records commands, and returns an exit status."""

    def __init__(self, status: int = 0) -> None:
        self.status = status
        self.commands: list[list[str]] = []

    def __call__(self, command: Sequence[str], _environment: Mapping[str, str]) -> int:
        self.commands.append(list(command))
        return self.status


def test_sam_reads_samconfig_unless_parameters_are_replaced() -> None:
    run = Recorder()
    Sam("prod", [], {}, run).build()
    Sam("prod", ["A=1", "B=two words"], {}, run).deploy()
    assert run.commands == [
        [str(SAM), "build", "--config-env", "prod"],
        [str(SAM), "deploy", "--config-env", "prod", "--parameter-overrides", "A=1", "B=two words"],
    ]


@pytest.mark.parametrize("command", [Sam.build, Sam.deploy])
def test_a_failure_of_sam_keeps_its_exit_status(command: Callable[[Sam], None]) -> None:
    with pytest.raises(SamFailed) as failure:
        command(Sam("dev", [], {}, Recorder(status=7)))
    assert failure.value.status == 7
    assert str(failure.value).startswith("The ")


def run(program: str) -> int:
    return run_command([sys.executable, "-c", program], dict(os.environ), ROOT)


def test_the_exit_status_of_a_command_is_returned() -> None:
    assert run("raise SystemExit(3)") == 3


def test_a_command_that_a_signal_ends_has_the_status_of_a_shell() -> None:
    assert run("import os; os.kill(os.getpid(), 9)") == 128 + signal.SIGKILL


def test_a_command_runs_in_the_folder_with_the_environment(tmp_path: Path) -> None:
    program = "import os, sys; sys.exit(os.getcwd() != os.environ['EXPECTED'])"
    variables = {**os.environ, "EXPECTED": str(tmp_path.resolve())}
    assert run_command([sys.executable, "-c", program], variables, tmp_path) == 0


COMMAND = """
import signal, sys
signal.signal(signal.Signals[sys.argv[1]], lambda *_: sys.exit(int(sys.argv[2])))
with open(sys.argv[3], "w") as pipe:
    pipe.write("ready")
signal.pause()
"""
PARENT = """
import os, sys
from pathlib import Path
from infra.deploy.command import run_command
print(run_command([sys.executable, "-c", *sys.argv[1:]], dict(os.environ), Path("/")))
"""


def stop(tmp_path: Path, name: str, status: int, send: Callable[[int, int], None]) -> str:
    """Run a command that ends with a status on a signal, and send the signal.

    Returns:
        The output of the process that ran the command: the status that it found.
    """
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, COMMAND, name, str(status), str(pipe)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ".:layers/tasks/python:layers/model/python"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        watchdog = threading.Timer(WITHIN, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        assert pipe.read_text() == "ready"
        send(process.pid, signal.Signals[name])
        output, _ = process.communicate()
        watchdog.cancel()
    return output.strip()


def test_ctrl_c_ends_with_the_exit_status_of_the_command(tmp_path: Path) -> None:
    """A terminal sends it to both. This process waits for the command and prints no traceback."""
    assert stop(tmp_path, "SIGINT", 7, os.killpg) == "7"


def test_an_interrupted_command_never_counts_as_successful(tmp_path: Path) -> None:
    """Otherwise an interrupted build would be deployed."""
    assert stop(tmp_path, "SIGINT", 0, os.killpg) == str(128 + signal.SIGINT)


def test_sigterm_is_passed_on(tmp_path: Path) -> None:
    assert stop(tmp_path, "SIGTERM", 8, os.kill) == "8"
