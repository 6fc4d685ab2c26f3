"""An environment, and whether an installation into it was interrupted.

These files in an environment show its state:

- `run` is a copy of requirements/run.txt: exactly these packages were installed last.
- `installing` exists while packages are installed. It contains the time of the last change of
  site-packages before that. If both differ afterwards, the installation was interrupted, a package
  may be incomplete, and the environment is created again.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

from infra.install.processes import run

REQUIREMENTS: Final = Path("requirements")
MARKER: Final = "installing"


class InstallationFailed(Exception):
    """The environment could not be set up; the message says why."""


class Environment:
    """A virtual environment and the lists of requirements that it has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin/python"
        self._marker = folder / MARKER

    def has(self, name: str) -> bool:
        """Whether the list is installed as it is now."""
        copy = self.folder / name
        return copy.is_file() and copy.read_bytes() == list_of(name).read_bytes()

    def is_complete(self) -> bool:
        """Whether it was created, its Python exists, and no installation was interrupted."""
        return bool(self._copies()) and self.python.exists() and not self._is_damaged()

    def check_version(self) -> None:
        """Check that it has this interpreter's version of Python.

        Raises:
            InstallationFailed: it has another version.
        """
        wanted = f"python3.{sys.version_info.minor}"
        existing = [path.name for path in self.folder.glob("lib/python3.*")]
        if wanted not in existing:
            raise InstallationFailed(
                f"{self.folder} has {' and '.join(existing)}, but PYTHON= selects {wanted}; "
                "run `make clean` first."
            )

    def create(self) -> None:
        """Create it, or create it again without any packages.

        Raises:
            InstallationFailed: this interpreter cannot create an environment.
        """
        print(f"Setting up {self.folder} with {sys.executable} …", flush=True)
        self.discard()
        if run(sys.executable, "-m", "venv", "--clear", self.folder):
            raise InstallationFailed(f"{self.folder} could not be created; see the message above.")

    def discard(self) -> None:
        """Let the next installation create it again."""
        for copy in self._copies():
            copy.unlink()

    def install(self, name: str, *command: str | Path) -> None:
        """Install a list with this command, unless that has been done.

        Raises:
            InstallationFailed: the command failed.
        """
        if self.has(name):
            return
        print(f"Installing {list_of(name)} …", flush=True)
        self._marker.write_text(str(self._last_change()))
        failed = run(*command, "--require-hashes", "-r", list_of(name))
        if not failed or not self._is_damaged():
            self._marker.unlink()
        if failed:
            raise InstallationFailed(
                f"{list_of(name)} could not be installed; see the message above. "
                "Run the command again to continue."
            )
        self._record(name)

    def _record(self, name: str) -> None:
        for copy in self._copies():
            if not self.has(copy.name):  # this installation may have replaced its packages
                copy.unlink()
        temporary = self.folder / f"{name}.new"
        shutil.copyfile(list_of(name), temporary)
        temporary.replace(self.folder / name)

    def _copies(self) -> list[Path]:
        names = [path.stem for path in REQUIREMENTS.glob("*.txt")]
        return [copy for name in names if (copy := self.folder / name).is_file()]

    def _is_damaged(self) -> bool:
        return self._marker.exists() and self._marker.read_text() != str(self._last_change())

    def _last_change(self) -> int:
        return max((path.stat().st_mtime_ns for path in self.folder.glob("lib/*/*")), default=0)


def list_of(name: str) -> Path:
    """Return the file of a list of requirements."""
    return REQUIREMENTS / f"{name}.txt"
