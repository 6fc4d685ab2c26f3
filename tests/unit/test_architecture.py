"""Which package may import which, and what importing a handler may load."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TASKS = ROOT / "layers/tasks/python/tasks"
SUGGESTER = ROOT / "layers/model/python/suggester"
PIPELINES = ROOT / "layers/model/python/pipelines"
PRESENTATION = ROOT / "layers/tasks/python/presentation"
AWS_FOLDER = "layers/tasks/python/tasks/aws"
FUNCTIONS = ROOT / "functions"
PACKAGES = (
    TASKS,
    SUGGESTER,
    PIPELINES,
    PRESENTATION,
    ROOT / "layers/model/training",
    FUNCTIONS,
    ROOT / "infra",
    ROOT / "benchmarks",
    ROOT / "clients/python/src/barback",
)
TEXT = ("pymorphy3", "snowballstemmer")
WEB = ("pydantic", "fastapi", "starlette", "mangum")
SETTINGS = {
    "LANES": "interactive,bulk,document",
    "TABLE_NAME": "tasks",
    "TASK_QUEUE_URL": "http://127.0.0.1/1/tasks",
    "BULK_QUEUE_URL": "http://127.0.0.1/1/bulk",
    "DOCUMENT_QUEUE_URL": "http://127.0.0.1/1/documents",
    "WEBHOOK_QUEUE_URL": "http://127.0.0.1/1/webhooks",
    "DOCUMENT_BUCKET": "documents",
    "RETENTION_SECONDS": "86400",
    "DEADLINE_SECONDS": "900",
    "LONGEST_WAIT_SECONDS": "20",
    "API_VERSION": "arn:aws:lambda:us-east-1:1:function:api:1",
    "WORKER_VERSION": "arn:aws:lambda:us-east-1:1:function:worker:1",
    "TASK_QUEUE_ARN": "arn:aws:sqs:us-east-1:1:tasks",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@cache
def modules(package: Path) -> dict[str, Path]:
    """Return the files of a package by module name."""
    names = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        names[".".join(parts).removesuffix(".__init__")] = path
    return names


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Return every name that a file imports, including type-only imports.

    `from a import b` imports `a` and, if it is a module, `a.b`.
    """
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import."
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def importers(folder: Path, *packages: str) -> set[str]:
    """Return the files in a folder that import one of the packages."""
    return {
        str(path.relative_to(ROOT))
        for path in folder.rglob("*.py")
        for name in imports_of(path)
        if any(name == package or name.startswith(f"{package}.") for package in packages)
    }


def find_cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of an import cycle, or an empty list."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_a_cycle_is_found() -> None:
    """The search finds a cycle of two modules and one through a package."""
    assert find_cycle({"a": {"b"}, "b": {"a"}}) != []
    assert find_cycle({"a": {"a.b"}, "a.b": {"a"}}) != []
    assert find_cycle({"a": {"b"}, "b": set()}) == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_no_modules_import_each_other(package: Path) -> None:
    """No package has an import cycle; type-only imports count."""
    files = modules(package)
    graph = {name: imports_of(path) & files.keys() - {name} for name, path in files.items()}
    assert find_cycle({name: set(imported) for name, imported in graph.items()}) == []


def test_layers_do_not_import_functions() -> None:
    """Dependencies point from functions to layers, and never to infra or tests."""
    assert importers(ROOT / "layers", "functions", "infra", "tests") == set()
    assert importers(FUNCTIONS, "infra", "tests", "training", "moto") == set()


def test_tasks_and_suggester_are_independent() -> None:
    """The task layer serves any model, and the model works with any queue."""
    assert importers(TASKS, "suggester", "pipelines", "training") == set()
    assert importers(SUGGESTER, "tasks", "training") == set()
    assert importers(PIPELINES, "suggester", "tasks", "training") == set()


def test_only_functions_that_show_results_import_their_presentation() -> None:
    """It knows both the task layer and the suggester, which the reaper does not need."""
    found = importers(ROOT / "layers", "presentation") | importers(FUNCTIONS, "presentation")
    folders = {"/".join(path.split("/")[:2]) for path in found if "/presentation/" not in path}
    assert folders == {"functions/api", "functions/webhooks"}


def test_functions_do_not_import_each_other() -> None:
    """Code that two functions share belongs in a layer."""
    names = {path.name for path in FUNCTIONS.iterdir() if path.is_dir()} - {"__pycache__"}
    assert names == {"api", "worker", "webhooks", "reaper", "deployment_check"}
    for name in names:
        others = [f"functions.{other}" for other in names - {name}]
        assert importers(FUNCTIONS / name, *others) == set()


def test_only_tasks_aws_imports_boto3() -> None:
    """The rest of the code uses the ports; only bootstraps choose the implementations."""
    found = importers(ROOT / "layers", "boto3", "botocore") | importers(
        FUNCTIONS, "boto3", "botocore"
    )
    assert found == {
        "layers/tasks/python/tasks/aws/client.py",
        "functions/deployment_check/bootstrap.py",  # it invokes functions
    }


def test_the_domain_does_not_know_aws() -> None:
    """Within the task layer, nothing outside `tasks.aws` imports it."""
    outside = {
        path for path in importers(TASKS, "tasks.aws") if not path.startswith(f"{AWS_FOLDER}/")
    }
    assert outside == set()


def test_functions_choose_implementations_only_in_their_bootstrap() -> None:
    """Other modules receive ports. SQS events are the input of the queue functions."""
    implementations = [f"tasks.aws.{name}" for name in ("client", "dynamodb", "s3", "sqs")]
    assert importers(FUNCTIONS, *implementations) == set()
    assert importers(FUNCTIONS, "tasks.aws.ports") == {
        f"functions/{name}/bootstrap.py"
        for name in ("api", "worker", "webhooks", "reaper", "deployment_check")
    }


def test_each_engine_has_one_module() -> None:
    """Nothing else that is deployed imports TensorFlow or LiteRT."""
    assert importers(SUGGESTER, "tensorflow", "keras") == {
        "layers/model/python/suggester/engines/tensorflow.py"
    }
    assert importers(SUGGESTER, "ai_edge_litert") == {
        "layers/model/python/suggester/engines/litert.py"
    }
    assert importers(FUNCTIONS, "tensorflow", "keras", "ai_edge_litert") == set()


def test_one_module_imports_the_libraries_for_the_forms_of_words() -> None:
    """A worker loads them with the first text."""
    assert importers(SUGGESTER, "pymorphy3", "snowballstemmer") == {
        "layers/model/python/suggester/extraction/morphology.py"
    }


def test_only_the_api_uses_the_web_framework() -> None:
    """The layers and the other functions do without it."""
    assert importers(ROOT / "layers", *WEB) == set()
    assert {path.split("/")[1] for path in importers(FUNCTIONS, *WEB)} == {"api"}


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("functions.worker.handler", {"tensorflow", "keras", *TEXT, *WEB}),
        ("functions.webhooks.handler", {"numpy", "tensorflow", "ai_edge_litert", *TEXT, *WEB}),
        ("functions.reaper.handler", {"numpy", "suggester", "presentation", *WEB}),
        ("functions.deployment_check.handler", {"numpy", *WEB}),
        ("functions.api.handler", {"numpy", "tensorflow", "ai_edge_litert", *TEXT}),
    ],
)
def test_a_handler_loads_only_the_packages_it_needs(module: str, absent: set[str]) -> None:
    """Every package that a handler imports delays every cold start."""
    assert {name.split(".")[0] for name in loaded_modules(module)} & absent == set()


@pytest.mark.parametrize("function", ["api", "webhooks", "reaper", "deployment_check"])
def test_a_zip_file_has_the_packages_that_our_code_in_it_imports(function: str) -> None:
    """Its own, and those in the layer of the tasks; this environment has all packages."""
    files = [FUNCTIONS / function / "requirements.txt", TASKS.parent / "requirements.txt"]
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    pinned = {line.partition("==")[0] for line in lines}
    loaded = loaded_modules(f"functions.{function}.handler")
    ours = {name: path for package in PACKAGES for name, path in modules(package).items()}
    imported = {
        name.partition(".")[0] for found in loaded & ours.keys() for name in imports_of(ours[found])
    }
    distributions = packages_distributions()
    needed = {
        found.lower().replace("_", "-")
        for name in imported & loaded
        for found in distributions.get(name, ())
    }
    assert needed - {"barback"} <= pinned


def loaded_modules(handler: str) -> set[str]:
    """Return the names of all modules after the import of a handler, in a process of its own."""
    program = f"import sys, {handler}; print(*sys.modules)"
    paths = [ROOT, TASKS.parent, SUGGESTER.parent]
    environment = SETTINGS | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    found = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True
    )
    return set(found.stdout.split())
