"""Audits every pinned package for known vulnerabilities: `python -m infra.ci.audit`.

The exit code is 1 if a package has one. If the advisory service cannot be reached, the exit code is
0, because `make check` must work without a network; a message says that nothing was audited.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx2
import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = Path(__file__).parents[2]
REQUIREMENTS: Final = (
    "requirements/*.txt",
    "functions/*/requirements*.txt",
    "layers/*/python/*.txt",
    "layers/*/packages/*.txt",
)
PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)
OSV_URL: Final = "https://api.osv.dev/v1/query"
TIMEOUT: Final = 10.0  # seconds


def main() -> int:
    """Audit all pins with the service at the variable OSV_URL, by default osv.dev."""
    url = os.environ.get("OSV_URL") or OSV_URL
    if (reason := unreachable(url)) is not None:
        typer.echo(f"Nothing was audited: {url} cannot be reached ({reason}).", err=True)
        return 0
    return max(audit(pins, url) for pins in pin_sets(requirement_files()))


def requirement_files(root: Path = ROOT) -> list[Path]:
    """Return the requirement files of the project."""
    return sorted(path for pattern in REQUIREMENTS for path in root.glob(pattern))


def pin_sets(files: Iterable[Path]) -> list[list[str]]:
    """Return all distinct pins as lists that contain each package at most once.

    pip-audit rejects a list with two versions of a package.
    """
    versions: dict[str, set[str]] = defaultdict(set)
    for path in files:
        for name, version in PIN.findall(path.read_text(encoding="utf-8")):
            versions[name].add(version)
    most = max(map(len, versions.values()))
    return [
        [
            f"{name}=={sorted(found)[index]}"
            for name, found in versions.items()
            if index < len(found)
        ]
        for index in range(most)
    ]


def unreachable(url: str) -> str | None:
    """Return why the service did not answer a query, or None if it answered."""
    query = {"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "0"}
    try:
        httpx2.post(url, json=query, timeout=TIMEOUT).raise_for_status().json()
    except (httpx2.HTTPError, ValueError) as error:
        return str(error).partition("\n")[0] or type(error).__name__
    return None


def audit(pins: list[str], url: str) -> int:
    """Run pip-audit on the pins and return its exit code: 1 if it found a vulnerability."""
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service=osv"]
    command += [f"--osv-url={url}", "--disable-pip", "--no-deps", "--progress-spinner=off"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("\n".join(pins), encoding="utf-8")
        command.append(f"--requirement={file}")
        return subprocess.run(command, check=False).returncode  # noqa: S603 - no user input


if __name__ == "__main__":
    sys.exit(main())
