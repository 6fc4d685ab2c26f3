"""The build of the model's layer."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

ROOT = Path(__file__).parents[2]


def build(source: Path, target: Path) -> set[str]:
    """Build the layer; returns the paths of its files."""
    make = shutil.which("make")
    assert make is not None
    target.mkdir()
    command = [make, "build-ModelLayer", f"ARTIFACTS_DIR={target}"]
    subprocess.run(command, cwd=source, capture_output=True, check=True)
    return {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}


def test_files_that_python_compiled_here_are_not_deployed(tmp_path: Path) -> None:
    """They would make another layer, and another version of the API function, of the same code."""
    source = tmp_path / "source"
    artifacts = [f"artifacts/{name}" for name in ("card.json", "vocabulary.json", "base.txt")]
    for name in ("python/suggester/a.py", "python/suggester/__pycache__/a.pyc", *artifacts):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("")
    shutil.copy(ROOT / "layers/model/Makefile", source)
    assert build(source, tmp_path / "layer") == {"python/suggester/a.py", *artifacts}


def test_the_layer_has_the_files_that_the_api_reads(tmp_path: Path) -> None:
    """The vocabulary loads from the layer, which does not contain the network."""
    target = tmp_path / "layer"
    files = build(ROOT / "layers/model", target)
    assert len(Vocabulary.load(Artifacts.open(target / "artifacts"))) > 0
    assert not [name for name in files if name.startswith("artifacts/model.")]
