"""The two masks: which ingredients may begin a drink, and which may be added to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suggester.names import normalise
from training.errors import DataInvalid, DataTooSmall
from training.ingredients import ids_by_name, read_lines, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from training.ingredients import Ingredient


def build_masks(
    ingredients: list[Ingredient], base: Path | None, additive: Path | None
) -> dict[str, list[str]]:
    """Return the ids of each mask, from its list if there is one, or else from the roles.

    Raises:
        DataInvalid: a list cannot be read, or contains an unknown name.
        DataTooSmall: no ingredient has one of the roles.
    """
    lists = {"base": base, "additive": additive}
    masks = {
        role: _read_list(path, ingredients) if path else _with_role(role, ingredients)
        for role, path in lists.items()
    }
    for role, ids in masks.items():
        if not ids:
            raise DataTooSmall(
                f"No ingredient has the role {role}; assign it to one, or pass a list."
            )
    return masks


def _with_role(role: str, ingredients: Iterable[Ingredient]) -> list[str]:
    return [entry.id for entry in ingredients if entry.role in (role, "both")]


def _read_list(path: Path, ingredients: Iterable[Ingredient]) -> list[str]:
    known = ids_by_name(ingredients)
    ids: set[str] = set()
    for number, line in enumerate(read_lines(path), start=1):
        name = normalise(line.partition("#")[0])
        if name and name not in known:
            raise unknown_name(name, known, path, f"line {number}")
        if name:
            ids.add(known[name])
    if not ids:
        raise DataInvalid(path, "", "the list is empty; write one ingredient per line.")
    return sorted(ids)
