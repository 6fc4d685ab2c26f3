"""The tutorial in docs/model.md builds a pipeline from nothing, in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
READY_WITHIN = 600.0  # seconds; the first command installs the packages of the stack
MAKE_RUN = "PIPELINES=sentiment make run"
FILE = re.compile(r"# (\S+\.py)\n")


def blocks() -> list[str]:
    """Return the indented blocks of the section, in their order."""
    guide = (ROOT / "docs/model.md").read_text(encoding="utf-8")
    [section] = re.findall(r"^### Your own pipeline\n(.*?)^#### ", guide, re.MULTILINE | re.DOTALL)
    found = re.findall(r"(?:^ {4}.*\n|^\n)+", section, re.MULTILINE)
    return [dedent(block).strip("\n") + "\n" for block in found if block.strip()]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the files of the project, without its environments."""
    folder = tmp_path_factory.mktemp("tutorial") / "barback"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name, follow_symlinks=False)
    return folder


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def environment(**added: str) -> dict[str, str]:
    """Return a user's environment, without what a test run adds."""
    ours = ("PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")
    return {name: value for name, value in os.environ.items() if name not in ours} | added


def execute(command: str, project: Path) -> str:
    done = subprocess.run(
        ["bash", "-ec", command],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


@contextmanager
def running(command: str, project: Path, port: int) -> Iterator[None]:
    """Run the stack until the block ends; enter it when the stack is ready."""
    process = subprocess.Popen(
        ["bash", "-ec", command],
        cwd=project,
        env=environment(PORT=str(port), PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    watchdog = threading.Timer(READY_WITHIN, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    assert process.stdout is not None
    printed = []
    try:
        for line in process.stdout:
            printed.append(line)
            if "Ctrl-C" in line:
                break
        else:
            pytest.fail("".join(printed))
        yield
    finally:
        watchdog.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait()
        process.stdout.close()


def test_every_command_of_the_tutorial_works(project: Path) -> None:
    answers = []
    port = free_port()
    found = blocks()
    assert MAKE_RUN in found[-2]
    for block in found[:-2]:
        if named := FILE.match(block):
            (project / named[1]).write_text(block, encoding="utf-8")
        else:
            answers.append(execute(block, project))
    assert "2 passed" in answers[-1]
    with running(found[-2], project, port):
        [result] = json.loads(execute(found[-1].replace("8000", str(port)), project))
    assert result["output"]["mood"] == "good"
    assert 0.5 <= result["output"]["score"] <= 1
