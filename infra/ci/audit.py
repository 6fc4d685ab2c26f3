"""Asks an advisory service about every package that is pinned: `python -m infra.ci.audit`.

Ends with 1 if one has a known vulnerability. Where the service cannot be reached, it says that
nothing was audited and ends with 0: a check must not need a network.
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
PINNED: Final = ("requirements/*.txt", "functions/*/requirements*.txt", "layers/*/python/*.txt")
PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)
OSV: Final = "https://api.osv.dev/v1/query"
TIMEOUT: Final = 10.0  # seconds


def main() -> int:
    """Audit what is pinned with the service at OSV_URL, or else at osv.dev."""
    url = os.environ.get("OSV_URL") or OSV
    if (reason := unreachable(url)) is not None:
        typer.echo(f"Nothing was audited: {url} cannot be reached ({reason}).", err=True)
        return 0
    return max(audit(pins, url) for pins in rounds(pinned()))


def pinned(root: Path = ROOT) -> list[Path]:
    """Return the files of pinned packages."""
    return sorted(path for pattern in PINNED for path in root.glob(pattern))


def rounds(files: Iterable[Path]) -> list[list[str]]:
    """Return what the files pin, each once, in lists that have no package in two versions."""
    versions: dict[str, set[str]] = defaultdict(set)
    for path in files:
        for name, version in PIN.findall(path.read_text(encoding="utf-8")):
            versions[name].add(version)
    most = max(map(len, versions.values()))
    return [
        [f"{name}=={sorted(found)[turn]}" for name, found in versions.items() if turn < len(found)]
        for turn in range(most)
    ]


def unreachable(url: str) -> str | None:
    """Return why the service does not answer a query, or None if it does."""
    query = {"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "0"}
    try:
        httpx2.post(url, json=query, timeout=TIMEOUT).raise_for_status().json()
    except (httpx2.HTTPError, ValueError) as error:
        return str(error).partition("\n")[0] or type(error).__name__
    return None


def audit(pins: list[str], url: str) -> int:
    """Let pip-audit look at the pins; returns its exit status: 1 if it found something."""
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service=osv"]
    command += [f"--osv-url={url}", "--disable-pip", "--no-deps", "--progress-spinner=off"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("\n".join(pins), encoding="utf-8")
        command.append(f"--requirement={file}")
        return subprocess.run(command, check=False).returncode  # noqa: S603 - of our own words


if __name__ == "__main__":
    sys.exit(main())
