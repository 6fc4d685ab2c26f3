"""Writes what a deployment consists of, as CycloneDX: `python -m infra.ci.sbom build/sbom`.

A file for each function: the packages that it is built from, its layers' among them, with their
hashes, and the model with the digests of its files.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
from packaging.requirements import Requirement

from suggester.artifacts import Artifacts

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
LAYER: Final = "layers/tasks/python/requirements.txt"

LAMBDA: Final = {
    "os_name": "posix",
    "platform_system": "Linux",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}

# function: (what it is built from, whether it has the model)
PARTS: Final[dict[str, tuple[tuple[str, ...], bool]]] = {
    "api": (("functions/api/requirements.txt", LAYER), True),
    "worker": (("functions/worker/requirements.txt",), True),
    "worker-tensorflow": (
        ("functions/worker/requirements.txt", "functions/worker/requirements-tensorflow.txt"),
        True,
    ),
    "reaper": (("functions/reaper/requirements.txt", LAYER), False),
}


def main(folder: Path) -> None:
    """Write a file for each function into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (files, has_model) in PARTS.items():
        bom = packages([ROOT / file for file in files])
        bom["metadata"]["component"]["name"] = f"barback-{name}"
        if has_model:
            bom["components"].append(model(Artifacts.open()))
        path = folder / f"{name}.cdx.json"
        path.write_text(json.dumps(bom, indent=2) + "\n", encoding="utf-8")
    typer.echo(f"{folder} says what is deployed: {', '.join(PARTS)}.")


def packages(files: list[Path]) -> dict[str, Any]:
    """Return the bill of materials of what is pinned for Lambda."""
    lines = {line for file in files for line in logical_lines(file.read_text(encoding="utf-8"))}
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible"]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), "-"]
    made = subprocess.run(  # noqa: S603 - of our own words
        command, input="\n".join(sorted(lines)), capture_output=True, check=True, text=True
    )
    bom: dict[str, Any] = json.loads(made.stdout)
    return bom


def logical_lines(text: str) -> Iterator[str]:
    """Yield what is pinned with its hashes, without what is for other platforms only."""
    for line in text.replace("\\\n", " ").splitlines():
        requirement, _, hashes = line.partition(" --hash=")
        if hashes and is_for_lambda(Requirement(requirement)):
            yield " ".join(line.split())


def is_for_lambda(requirement: Requirement) -> bool:
    """Tell whether a package is installed there."""
    return requirement.marker is None or requirement.marker.evaluate(LAMBDA)


def model(artifacts: Artifacts) -> dict[str, Any]:
    """Return the model as a component, having checked that its files are those of its card.

    Raises:
        suggester.errors.ArtifactInvalid: they are not.
    """
    for name in artifacts.digests:
        artifacts.read(name)
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model@{artifacts.version}",
        "name": "barback-model",
        "version": artifacts.version,
        "components": [
            {
                "type": "file",
                "bom-ref": f"model@{artifacts.version}/{name}",
                "name": name,
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
            for name, digest in sorted(artifacts.digests.items())
        ],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
