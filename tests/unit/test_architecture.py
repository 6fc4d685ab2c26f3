"""Who may import whom, and what an import may cost."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TASKS = ROOT / "layers/tasks/python/tasks"
SUGGESTER = ROOT / "layers/model/python/suggester"
FUNCTIONS = ROOT / "functions"


def imports_of(path: Path) -> Iterator[str]:
    """Yield the full names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(folder: Path, *packages: str) -> set[str]:
    """Return the files below `folder` that import one of the packages."""
    return {
        str(path.relative_to(ROOT))
        for path in folder.rglob("*.py")
        for name in imports_of(path)
        if name.split(".")[0] in packages
    }


def test_layers_never_import_functions() -> None:
    """Dependencies point inward: functions to layers, never back, and none to infra or tests."""
    assert importers(ROOT / "layers", "functions", "infra", "tests") == set()
    assert importers(FUNCTIONS, "infra", "tests", "training", "moto") == set()


def test_tasks_and_suggester_do_not_know_each_other() -> None:
    """The life cycle serves any model, and the model any queue."""
    assert importers(TASKS, "suggester", "training") == set()
    assert importers(SUGGESTER, "tasks", "training") == set()


def test_functions_do_not_import_each_other() -> None:
    """What two functions share belongs in a layer."""
    for function in ("api", "worker", "reaper"):
        for path in (FUNCTIONS / function).rglob("*.py"):
            foreign = [
                name
                for name in imports_of(path)
                if name.startswith("functions.") and name.split(".")[1] != function
            ]
            assert foreign == [], path


def test_one_module_imports_boto3_and_three_use_it() -> None:
    """AWS is behind the store, the queue and the documents; roots only hand clients to them."""
    assert importers(ROOT / "layers", "boto3", "botocore") == {"layers/tasks/python/tasks/aws.py"}
    assert importers(FUNCTIONS, "boto3", "botocore") == set()
    users = {path.stem for path in TASKS.glob("*.py") if "tasks.aws" in imports_of(path)}
    assert users == {"store", "queue", "documents"}


def test_each_engine_has_one_file() -> None:
    """TensorFlow and LiteRT are imported by their engine, and by nothing else that is served."""
    served = {"tensorflow", "keras"}
    assert importers(SUGGESTER, *served) == {"layers/model/python/suggester/engines/tensorflow.py"}
    assert importers(SUGGESTER, "ai_edge_litert") == {
        "layers/model/python/suggester/engines/litert.py"
    }
    assert importers(FUNCTIONS, *served, "ai_edge_litert") == set()


def test_pydantic_stays_in_the_api() -> None:
    """The worker and the layers start without it."""
    assert importers(ROOT / "layers", "pydantic", "fastapi", "starlette", "mangum") == set()
    web = importers(FUNCTIONS, "pydantic", "fastapi", "starlette", "mangum")
    assert {path.split("/")[1] for path in web} == {"api"}


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("functions.worker.handler", {"tensorflow", "keras", "pydantic", "fastapi", "boto3"}),
        ("functions.reaper.handler", {"numpy", "pydantic", "fastapi", "boto3"}),
        ("functions.api.handler", {"numpy", "tensorflow", "ai_edge_litert", "boto3", "difflib"}),
    ],
)
def test_a_cold_start_pays_for_no_more_than_it_needs(module: str, absent: set[str]) -> None:
    """Importing a handler loads none of what it can do without, and makes nothing."""
    program = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    paths = [ROOT, TASKS.parent, SUGGESTER.parent]
    environment = {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    found = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True
    )
    assert set(found.stdout.split()) & absent == set()
