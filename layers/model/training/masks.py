"""Which ingredients may begin a drink, and which may be added to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suggester.vocabulary import nearest, normalise
from training.errors import DataInvalid, DataTooSmall

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from training.vocabulary import Ingredient


def masks_of(
    ingredients: list[Ingredient], base: Path | None, additive: Path | None
) -> dict[str, list[str]]:
    """Return the ids of each mask, from its list where there is one, else by the roles.

    Raises:
        DataInvalid: a list cannot be read, or has a name that the vocabulary lacks.
        DataTooSmall: no ingredient has one of the roles.
    """
    lists = {"base": base, "additive": additive}
    masks = {
        role: _read_list(path, ingredients) if path else _by_role(role, ingredients)
        for role, path in lists.items()
    }
    for role, ids in masks.items():
        if not ids:
            raise DataTooSmall(f"No ingredient of the role {role} is left; give one, or a list.")
    return masks


def _by_role(role: str, ingredients: Iterable[Ingredient]) -> list[str]:
    return [entry.id for entry in ingredients if entry.role in (role, "both")]


def _read_list(path: Path, ingredients: Iterable[Ingredient]) -> list[str]:
    known = {name: entry.id for entry in ingredients for name in entry.names}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataInvalid(path, "", f"cannot be read as UTF-8 text ({error}).") from error
    ids: set[str] = set()
    for number, line in enumerate(lines, start=1):
        name = normalise(line.partition("#")[0])
        if name and name not in known:
            hint = " or ".join(nearest(name, known)) or "removing it"
            problem = f"{name!r} is not among the ingredients; did you mean {hint}?"
            raise DataInvalid(path, f"line {number}", problem)
        if name:
            ids.add(known[name])
    if not ids:
        raise DataInvalid(path, "", "it names no ingredient; write one a line.")
    return sorted(ids)
