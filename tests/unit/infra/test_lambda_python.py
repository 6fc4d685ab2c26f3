"""The interpreter for sam is found where the first one on the PATH does not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.ci.lambda_python import find_folder

if TYPE_CHECKING:
    from pathlib import Path

NAME = "python3.13"


def interpreter(path: Path, *, runs: bool = True) -> str:
    """Create an interpreter that prints its folder, or a shim that fails; return its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = f"echo {path.parent}" if runs else "exit 127"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path.parent)


def test_the_first_interpreter_that_runs_is_used(tmp_path: Path) -> None:
    """A shim earlier on the PATH is passed over."""
    shims = interpreter(tmp_path / "shims" / NAME, runs=False)
    real = interpreter(tmp_path / "real" / NAME)
    assert find_folder(NAME, {"PATH": f"{tmp_path}/none:{shims}:{real}"}) == real


@pytest.mark.parametrize(
    ("place", "variable"),
    [
        ("home/.pyenv/versions/3.13.0/bin", "HOME=home"),
        ("pyenv/versions/3.13.0/bin", "PYENV_ROOT=pyenv"),
        ("home/.local/share/uv/python/cpython-3.13.1-linux/bin", "HOME=home"),
    ],
)
def test_an_installed_version_is_found_behind_a_shim(
    tmp_path: Path, place: str, variable: str
) -> None:
    shims = interpreter(tmp_path / "shims" / NAME, runs=False)
    real = interpreter(tmp_path / place / NAME)
    interpreter(tmp_path / place.replace("3.13", "3.12") / NAME)
    name, _, folder = variable.partition("=")
    assert find_folder(NAME, {"PATH": shims, name: str(tmp_path / folder)}) == real


def test_nothing_is_found_if_no_interpreter_runs(tmp_path: Path) -> None:
    shims = interpreter(tmp_path / "shims" / NAME, runs=False)
    (tmp_path / "folder" / NAME).mkdir(parents=True)
    environment = {"PATH": f"{shims}:{tmp_path / 'folder'}", "HOME": str(tmp_path)}
    assert find_folder(NAME, environment) is None
