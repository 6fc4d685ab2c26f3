"""The command line: `python -m infra.install .venv/run` installs requirements/run.txt."""

from __future__ import annotations

import os
import signal
import sys
import sysconfig
from pathlib import Path
from typing import Final

from infra.install.environment import Environment, InstallationFailed
from infra.install.processes import only_installation

LOCK: Final = Path(".install.lock")
MAIN: Final = Path(".venv")  # its uv installs packages into every environment
INTERRUPTED: Final = 130  # the exit status of a command that Ctrl-C ended
PIP: Final = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def install(folder: Path, name: str, *, explicit: bool) -> None:
    """Install a list into an environment, which is created if necessary.

    Args:
        folder: the environment.
        name: the list's name.
        explicit: this interpreter was selected by PYTHON=.

    Raises:
        InstallationFailed: something is missing or failed.
    """
    main = Environment(MAIN)
    target = main if folder == MAIN else Environment(folder)
    created = [each for each in dict.fromkeys((main, target)) if _prepare(each, explicit=explicit)]
    try:
        main.install("uv", main.python, *PIP)
        if name != "uv":
            uv = (MAIN / "bin/uv", "pip", "install", "--quiet", "--python", target.python)
            target.install(name, *uv)
    except (InstallationFailed, OSError):
        for each in created:  # the reason may be the interpreter
            each.discard()
        raise


def _prepare(environment: Environment, *, explicit: bool) -> bool:
    """Create an environment if necessary; return whether it was created."""
    if not environment.is_complete():
        _check_interpreter()
        environment.create()
        return True
    if explicit:
        environment.check_version()
    return False


def _check_interpreter() -> None:
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise InstallationFailed(f"{sys.executable} is not the standard CPython; set PYTHON=.")
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian's Python may lack it
    except ImportError:
        package = f"python3.{sys.version_info.minor}-venv"
        raise InstallationFailed(
            f"{sys.executable} has no module ensurepip; install it (on Debian, `apt install "
            f"{package}`) or set PYTHON=."
        ) from None


def main(target: str) -> int:
    """Install what the target names; return the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with only_installation(LOCK):
            install(Path(target).parent, Path(target).name, explicit=bool(os.environ.get("PYTHON")))
    except (InstallationFailed, OSError) as error:
        print(f"barback: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("barback: the installation was interrupted; run the command again.", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
