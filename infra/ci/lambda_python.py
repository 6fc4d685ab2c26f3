"""Prints the folder of the interpreter with which sam builds: `python -m infra.ci.lambda_python`.

pyenv puts a `python3.13` on the PATH that fails unless that version is selected. This program
looks for one that runs: on the PATH, then among the versions of pyenv and uv.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra.local.template import read_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# sam installs packages with the interpreter's pip.
PROGRAM: Final = "import os, pip, sys; print(os.path.dirname(os.path.abspath(sys.executable)))"
TIMEOUT: Final = 20.0  # seconds that an interpreter may take


def find_folder(name: str, environment: Mapping[str, str]) -> str | None:
    """Return the folder of an interpreter of that name that runs and has pip, or None."""
    for candidate in _candidates(name, environment):
        if folder := _folder(candidate):
            return folder
    return None


def _candidates(name: str, environment: Mapping[str, str]) -> Iterator[Path]:
    for folder in environment.get("PATH", "").split(os.pathsep):
        yield Path(folder or ".", name)
    home = Path(environment.get("HOME", "/nonexistent"))
    version = name.removeprefix("python")
    pyenv = Path(environment.get("PYENV_ROOT") or home / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}*/bin/{name}"), reverse=True)
    uv = Path(environment.get("UV_PYTHON_INSTALL_DIR") or home / ".local/share/uv/python")
    yield from sorted(uv.glob(f"cpython-{version}*/bin/{name}"), reverse=True)


def _folder(python: Path) -> str | None:
    if not os.access(python, os.X_OK) or python.is_dir():
        return None
    try:
        done = subprocess.run(  # noqa: S603 - found where interpreters are installed
            [python, "-c", PROGRAM], capture_output=True, check=True, text=True, timeout=TIMEOUT
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def main() -> None:
    """Print the folder, or stop with one sentence."""
    name = read_template()["Resources"]["ApiFunction"]["Properties"]["Runtime"]
    folder = find_folder(name, os.environ)
    if folder is None:
        sys.exit(f"sam needs {name} with pip, and none that runs was found; install it.")
    print(folder)  # noqa: T201 - the Makefile reads it


if __name__ == "__main__":
    main()
