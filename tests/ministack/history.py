"""The template as it was before."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from infra.local.template import TEMPLATE, read_template
from tests.ministack.limits import without

if TYPE_CHECKING:
    from pathlib import Path

ROOT: Final = TEMPLATE.parent
NESTED: Final = read_template()["Resources"]["Alarms"]["Properties"]["TemplateURL"]
FILES: Final = (TEMPLATE.name, NESTED)


def earlier_template(folder: Path) -> Path | None:
    """Write the newest version of the template that differs from this one into the folder.

    Only the resources that MiniStack has can differ, because an update that changes nothing is
    refused.

    Returns its path, or nothing if the history of this clone has no other version.
    """
    git = shutil.which("git")
    if git is None:
        return None
    current = [without(read_template(ROOT / file))["Resources"] for file in FILES]
    for commit in _git(git, "log", "--format=%H", "--", *FILES).splitlines():
        texts = [_git(git, "show", f"{commit}:{file}") for file in FILES]
        if not all(texts):
            continue
        for file, text in zip(FILES, texts, strict=True):
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if [without(read_template(folder / file))["Resources"] for file in FILES] != current:
            return folder / TEMPLATE.name
    return None


def _git(git: str, *arguments: str) -> str:
    """Return the output of a command, which is empty if the command failed."""
    done = subprocess.run(
        [git, *arguments], cwd=ROOT, capture_output=True, check=False, text=True, encoding="utf-8"
    )
    return done.stdout if done.returncode == 0 else ""
