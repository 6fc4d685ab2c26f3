"""The structure of the package: private modules, one place for public names, no import cycles."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import barback
from barback._cli.exit_codes import ExitCode
from barback._version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(barback.__file__).parents[1]
ENTRY_POINTS = {"barback", "barback.__main__"}
SCRIPT = "_barback_script"


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(path: Path) -> Iterator[str]:
    """Yield the modules and names that a file imports, type-only imports included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def run_python(*arguments: str, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (*path, SOURCE)))}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, check=False, text=True
    )


def belongs_to_cli(name: str) -> bool:
    return f"{name}.".startswith("barback._cli.")


IMPORTS = {module_name(path): set(imported_names(path)) for path in SOURCE.rglob("*.py")}


def test_every_module_is_private() -> None:
    """Only the package itself and `python -m barback` are public."""
    modules = IMPORTS.keys() - ENTRY_POINTS - {SCRIPT}
    assert modules
    assert {module for module in modules if not module.startswith("barback._")} == set()


def test_the_script_and_python_m_run_the_same_command_line() -> None:
    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"barback": f"{SCRIPT}:main"}
    assert f"{SCRIPT}.main" in IMPORTS["barback.__main__"]
    for command in (["-m", "barback"], ["-c", f"import {SCRIPT}; {SCRIPT}.main()"]):
        done = run_python(*command, "--version")
        assert (done.returncode, done.stdout) == (0, f"barback {VERSION}\n")


def test_ctrl_c_during_the_imports_ends_the_script_without_a_message(tmp_path: Path) -> None:
    """They take most of the time of a command such as `barback --version`."""
    (tmp_path / "httpx2.py").write_text("import signal; signal.raise_signal(signal.SIGINT)")
    done = run_python("-c", f"import {SCRIPT}; {SCRIPT}.main()", "queue", path=(tmp_path,))
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.INTERRUPTED, "", "")


def test_the_package_has_the_license_of_the_repository() -> None:
    """A build does not find files outside its folder, nor follow links."""
    [ours, theirs] = (folder / "LICENSE" for folder in (SOURCE.parent, SOURCE.parents[2]))
    assert not ours.is_symlink()
    assert ours.read_text(encoding="utf-8") == theirs.read_text(encoding="utf-8")


def test_no_module_imports_the_package_itself() -> None:
    """The package imports its modules, so the reverse would be a cycle."""
    assert {module for module, names in IMPORTS.items() if "barback" in names} == set()


def test_the_modules_have_no_import_cycle() -> None:
    graph = {module: names & IMPORTS.keys() for module, names in IMPORTS.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(IMPORTS)


def test_only_the_command_line_imports_typer_and_rich() -> None:
    importers = {
        module
        for module, names in IMPORTS.items()
        if {name.split(".")[0] for name in names} & {"typer", "rich"}
    }
    assert importers
    assert {module for module in importers if not belongs_to_cli(module)} == set()


def test_only_the_server_for_agents_imports_the_packages_of_its_extra() -> None:
    importers = {
        module
        for module, names in IMPORTS.items()
        if {name.split(".")[0] for name in names} & {"mcp", "pydantic"}
    }
    assert importers == {"barback._cli.mcp_server", "barback._cli.mcp_tools"}


def test_the_library_does_not_import_the_command_line() -> None:
    importers = {
        module
        for module, names in IMPORTS.items()
        if not belongs_to_cli(module) and any(map(belongs_to_cli, names))
    }
    assert importers == {SCRIPT}
