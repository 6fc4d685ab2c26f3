"""Writes a software bill of materials (CycloneDX): `python -m infra.ci.sbom build/sbom`.

Each function has one file. It lists the function's packages, including those of its layers, with
their hashes, and the model with the digests of its files. The packages of pipelines from outside
this repository, and what they depend on, have the versions that their requirements name.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
from packaging.requirements import Requirement

from suggester.artifacts import Artifacts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

ROOT: Final = Path(__file__).parents[2]
LAYER: Final = "layers/tasks/python/requirements.txt"
PIPELINES: Final = ROOT / "layers/model/packages/requirements.txt"

COMMENT: Final = re.compile(r"(^|\s)#.*")

# The environment markers of Lambda's Python runtime.
LAMBDA_MARKERS: Final = {
    "os_name": "posix",
    "platform_system": "Linux",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}

# The patterns of the files of the model that a function contains.
NAMES: Final = frozenset({"vocabulary.json"})
LITERT: Final = frozenset({"*.json", "*.npz", "*.tflite"})
# Each function's requirement files, and its files of the model.
FUNCTIONS: Final[dict[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "api": (("functions/api/requirements.txt", LAYER), NAMES),
    "worker": (("functions/worker/requirements.txt",), LITERT),
    "worker-tensorflow": (
        ("functions/worker/requirements.txt", "functions/worker/requirements-tensorflow.txt"),
        LITERT | {"*.keras"},
    ),
    "webhooks": (("functions/webhooks/requirements.txt", LAYER), NAMES),
    "reaper": (("functions/reaper/requirements.txt", LAYER), frozenset()),
    "deployment_check": (("functions/deployment_check/requirements.txt", LAYER), frozenset()),
}


def main(folder: Path) -> None:
    """Write the bill of materials of each function into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (files, patterns) in FUNCTIONS.items():
        # The functions with a model have the pipelines, the worker with their dependencies.
        pipelines = (
            pipeline_lines(PIPELINES, with_dependencies=name.startswith("worker"))
            if patterns
            else ()
        )
        bom = packages([ROOT / file for file in files], pipelines)
        bom["metadata"]["component"]["name"] = f"barback-{name}"
        if patterns:
            bom["components"].append(model(Artifacts.open(), patterns))
        path = folder / f"{name}.cdx.json"
        path.write_text(json.dumps(bom, indent=2) + "\n", encoding="utf-8")
    typer.echo(f"Wrote the bill of materials of {', '.join(FUNCTIONS)} to {folder}.")


def packages(files: Iterable[Path], others: Iterable[str] = ()) -> dict[str, Any]:
    """Return the bill of materials of the packages that the files pin for Lambda, and of others."""
    lines = {line for file in files for line in logical_lines(file.read_text(encoding="utf-8"))}
    lines.update(others)
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible"]
    command += ["--no-validate", "--pyproject", str(ROOT / "pyproject.toml"), "-"]
    process = subprocess.run(  # noqa: S603 - no user input
        command, input="\n".join(sorted(lines)), capture_output=True, check=True, text=True
    )
    bom: dict[str, Any] = json.loads(process.stdout)
    return bom


def logical_lines(text: str) -> Iterator[str]:
    """Yield each requirement with its hashes, except those for other platforms."""
    for line in text.replace("\\\n", " ").splitlines():
        requirement, _, hashes = line.partition(" --hash=")
        if hashes and is_for_lambda(Requirement(requirement)):
            yield " ".join(line.split())


def pipeline_lines(file: Path, *, with_dependencies: bool) -> Iterator[str]:
    """Yield the requirement of each package of a pipeline.

    Args:
        file: its lines are requirements, and folders beside it such as `./sentiment`.
        with_dependencies: whether to yield what the packages in folders depend on, too.
    """
    needed: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        requirement = COMMENT.sub("", line).strip()
        if requirement.startswith("."):
            folder = file.parent / requirement / "pyproject.toml"
            project = tomllib.loads(folder.read_text(encoding="utf-8"))["project"]
            yield f"{project['name']}=={project['version']}"
            needed += project.get("dependencies", ())
        elif requirement and not requirement.startswith("-"):
            yield requirement
    if with_dependencies:
        yield from (each for each in needed if is_for_lambda(Requirement(each)))


def is_for_lambda(requirement: Requirement) -> bool:
    """Whether Lambda installs this requirement."""
    return requirement.marker is None or requirement.marker.evaluate(LAMBDA_MARKERS)


def model(artifacts: Artifacts, patterns: Collection[str]) -> dict[str, Any]:
    """Return the model as a component with the files of these patterns, whose digests it checks.

    Raises:
        suggester.errors.ArtifactInvalid: a file does not match its digest.
    """
    names = sorted(name for name in artifacts.digests if any(map(Path(name).match, patterns)))
    for name in names:
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
                "hashes": [{"alg": "SHA-256", "content": artifacts.digests[name]}],
            }
            for name in names
        ],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
