"""The package that `make pipeline` creates."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.pipeline.package import NameRefused, create_package

ROOT = Path(__file__).parents[3]
NAME = "bb_mood"


def run(folder: Path, *command: str) -> str:
    """Run a command with the modules of the project and of a folder; return what it printed."""
    paths = [folder, ROOT, ROOT / "layers/model/python", ROOT / "layers/tasks/python"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_test_of_a_new_package_passes(tmp_path: Path) -> None:
    package = create_package(NAME, tmp_path)
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:schemathesis", str(package))
    assert "1 passed" in run(tmp_path, *command)


def test_the_test_of_a_new_package_can_fail(tmp_path: Path) -> None:
    code = create_package(NAME, tmp_path) / "code.py"
    code.write_text(code.read_text().replace("len(", "-len("))
    with pytest.raises(AssertionError, match="1 failed"):
        run(tmp_path, sys.executable, "-m", "pytest", "-p", "no:schemathesis", str(code.parent))


def test_a_new_package_follows_the_rules_of_the_project(tmp_path: Path) -> None:
    create_package(NAME, tmp_path)
    ruff = str(Path(sys.executable).parent / "ruff")
    options = ("--config", str(ROOT / "pyproject.toml"), "--no-cache", "--force-exclude")
    run(tmp_path, ruff, "format", "--check", *options, NAME)
    run(tmp_path, ruff, "check", "--ignore=S101,I001", *options, NAME)


def test_a_new_package_adds_its_kind(tmp_path: Path) -> None:
    create_package(NAME, tmp_path)
    program = (
        f"from suggester.kinds import load_registry as l; print(l({{'PIPELINES': '{NAME}'}}).kinds)"
    )
    assert "'bb-mood'" in run(tmp_path, sys.executable, "-c", program)


@pytest.mark.parametrize(
    "name", ["", "Mood", "bb-mood", "1mood", "_mood", "mood_", "a__b", "m" * 33, "../mood", "мood"]
)
def test_a_name_that_is_not_small_letters_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NameRefused, match="small letters"):
        create_package(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["json", "suggester", "class"])
def test_a_name_that_python_uses_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NameRefused, match=f"Python uses the name {name} already"):
        create_package(name, tmp_path)


def test_the_folder_of_builds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NameRefused, match="`make clean` deletes the folder build; choose another"):
        create_package("build", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_a_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NameRefused, match="There is a kind complete already"):
        create_package("complete", tmp_path)


def test_an_existing_folder_is_kept(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(NameRefused, match="exists already; choose another NAME"):
        create_package(NAME, tmp_path)
    assert list((tmp_path / NAME).iterdir()) == []


def test_make_refuses_a_name_with_one_sentence() -> None:
    make = shutil.which("make")
    assert make is not None
    command = [make, "--no-print-directory", "pipeline", "NAME=Mood"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode != 0
    assert done.stderr.startswith("barback: NAME=Mood is no name of a package")
