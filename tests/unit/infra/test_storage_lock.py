"""Unit tests of the lock of a data folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.storage.errors import FolderInUse, FolderUnusable
from infra.local.storage.lock import lock_folder

ROOT = Path(__file__).parents[3]

# The child is forked and outlives its parent. It ends when its standard input is closed.
HOLDS = """
import os, sys, time
from pathlib import Path
from infra.local.storage.lock import lock_folder
with lock_folder(Path(sys.argv[1])):
    if os.fork() == 0:
        print("ready", flush=True)
        sys.stdin.read()
        os._exit(0)
    time.sleep(60)
"""


def test_a_second_stack_on_the_same_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with lock_folder(tmp_path), pytest.raises(FolderInUse) as raised, lock_folder(tmp_path):
        pass
    expected = (
        f"{tmp_path} is in use by another Barback; stop it, or set DATA_DIR to another folder."
    )
    assert str(raised.value) == expected


def test_the_folder_is_free_after_the_stack_has_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with lock_folder(tmp_path / "data"):
            pass


def test_a_lock_that_was_refused_does_not_release_the_first(tmp_path: Path) -> None:
    with lock_folder(tmp_path):
        for _ in range(2):
            with pytest.raises(FolderInUse), lock_folder(tmp_path):
                pass


def test_a_folder_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable), lock_folder(tmp_path / "file" / "data"):
        pass


def test_a_killed_parent_releases_the_lock_although_its_child_lives(tmp_path: Path) -> None:
    paths = [ROOT, ROOT / "layers/tasks/python"]
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(FolderInUse), lock_folder(tmp_path):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        with lock_folder(tmp_path):
            pass
