"""The build of the model's layer."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

ROOT = Path(__file__).parents[2]
ARTIFACTS = [f"artifacts/{name}" for name in ("card.json", "vocabulary.json", "base.txt")]


def build(source: Path, target: Path) -> set[str]:
    """Build the layer; returns the paths of its files."""
    make = shutil.which("make")
    assert make is not None
    target.mkdir()
    command = [make, "build-ModelLayer", f"ARTIFACTS_DIR={target}", f"PYTHON={sys.executable}"]
    subprocess.run(command, cwd=source, capture_output=True, check=True)
    return {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}


def small_source(folder: Path, *files: str) -> Path:
    """Return a folder with the Makefile, empty artifacts and empty files."""
    for name in (*ARTIFACTS, *files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    shutil.copy(ROOT / "layers/model/Makefile", folder)
    return folder


def write_wheel(folder: Path) -> str:
    """Write a package that needs another one, and return the name of its file."""
    name = "bb_mood-1.0-py3-none-any.whl"
    files = {
        "bb_mood.py": "PIPELINE = 1",
        "bb_mood-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: bb-mood\nVersion: 1.0\n"
        "Requires-Dist: bb-nowhere",
        "bb_mood-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any",
        "bb_mood-1.0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(folder / name, "w") as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
    return name


def test_files_that_python_compiled_here_are_not_deployed(tmp_path: Path) -> None:
    """They would make another layer, and another version of the API function, of the same code."""
    names = ("python/suggester/a.py", "python/suggester/__pycache__/a.pyc")
    source = small_source(tmp_path / "source", *names)
    assert build(source, tmp_path / "layer") == {"python/suggester/a.py", *ARTIFACTS}


def test_the_layer_has_the_packages_of_pipelines_without_what_they_need(tmp_path: Path) -> None:
    """The API imports only their types, so that its libraries stay small."""
    source = small_source(tmp_path / "source", "python/suggester/a.py", "packages/requirements.txt")
    wheel = write_wheel(source / "packages")
    (source / "packages/requirements.txt").write_text(f"# A comment.\n./{wheel}\n")
    assert "python/bb_mood.py" in build(source, tmp_path / "layer")


def test_the_layer_has_the_files_that_the_api_reads(tmp_path: Path) -> None:
    """The vocabulary loads from the layer, which does not contain the network."""
    target = tmp_path / "layer"
    files = build(ROOT / "layers/model", target)
    assert len(Vocabulary.load(Artifacts.open(target / "artifacts"))) > 0
    assert not [name for name in files if name.startswith("artifacts/model.")]
