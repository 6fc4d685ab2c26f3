"""The build of the model's layer."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_files_that_python_compiled_here_are_not_deployed(tmp_path: Path) -> None:
    """They would make another layer, and another version of the API function, of the same code."""
    make = shutil.which("make")
    assert make is not None
    source, target = tmp_path / "source", tmp_path / "layer"
    for name in ("python/suggester/a.py", "python/suggester/__pycache__/a.pyc", "artifacts/m"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("")
    shutil.copy(ROOT / "layers/model/Makefile", source)
    target.mkdir()
    command = [make, "build-ModelLayer", f"ARTIFACTS_DIR={target}"]
    subprocess.run(command, cwd=source, capture_output=True, check=True)
    built = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert built == {"python/suggester/a.py", "artifacts/m"}
