"""The package of a pipeline, from templates."""

from __future__ import annotations

import importlib.util
import keyword
import re
from pathlib import Path
from string import Template
from typing import Final

from suggester.kinds import load_registry

TEMPLATES: Final = Path(__file__).parent / "templates"
NAME_RULE: Final = re.compile(r"(?=.{1,32}$)[a-z][a-z0-9]*(_[a-z0-9]+)*")

CLEANED: Final = ("build",)  # the folder of builds, which git ignores


class NameRefused(Exception):
    """There can be no package with this name. The message says why."""


def create_package(name: str, parent: Path) -> Path:
    """Create a folder with the types, the code and a test of a pipeline, and return its path.

    Raises:
        NameRefused: the name cannot be used, or something has it already.
    """
    kind, folder = name.replace("_", "-"), parent / name
    if not NAME_RULE.fullmatch(name):
        raise NameRefused(
            f"NAME={name} is no name of a package; use up to 32 small letters, digits and single "
            "underscores, such as NAME=sentiment."
        )
    if name in CLEANED:
        raise NameRefused(f"`make clean` deletes the folder {name}; choose another NAME.")
    if folder.exists():
        raise NameRefused(f"{folder} exists already; choose another NAME.")
    if keyword.iskeyword(name) or importlib.util.find_spec(name) is not None:
        raise NameRefused(f"Python uses the name {name} already; choose another NAME.")
    if kind in load_registry({}):
        raise NameRefused(f"There is a kind {kind} already; choose another NAME.")
    folder.mkdir()
    prefix = name.title().replace("_", "")
    for path, template in {
        "__init__.py": "init",
        "code.py": "code",
        f"test_{name}.py": "test",
        "README.md": "readme",
        "pyproject.toml": "pyproject",
    }.items():
        text = (TEMPLATES / f"{template}.template").read_text("utf-8")
        content = Template(text).substitute(name=name, kind=kind, prefix=prefix)
        (folder / path).write_text(content, "utf-8")
    return folder
