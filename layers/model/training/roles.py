"""The two masks: which ingredients may begin a drink, and which may be added to one.

An ingredient may begin a drink if its role is `base` or `both`. It may be added to a drink if its
role is `additive` or `both`, or if a recipe contains it together with another ingredient that may
begin a drink.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from suggester.names import normalise
from training.errors import DataInvalid, DataTooSmall
from training.ingredients import describe_unknown, ids_by_name, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from training.dataset import Dataset
    from training.ingredients import Ingredient
    from training.recipe_matrix import RecipeMatrix

    Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Roles:
    """Which of V ingredients may begin a drink, and which may be added to one, (V,) each."""

    base: Booleans
    additive: Booleans

    @classmethod
    def of(cls, recipes: RecipeMatrix, ingredients: Iterable[Ingredient]) -> Roles:
        """Derive the roles of the recipes' columns from the table and the recipes."""
        roles = [entry.role for entry in ingredients]
        base = np.array([role != "additive" for role in roles], np.bool_)
        listed = np.array([role != "base" for role in roles], np.bool_)
        return cls(base, listed | _second_bases(recipes, base))


def _second_bases(recipes: RecipeMatrix, base: Booleans) -> Booleans:
    """Return which bases a recipe contains together with another base, (V,)."""
    entries = base[recipes.indices]
    owners = np.repeat(np.arange(len(recipes)), recipes.sizes)
    several = np.bincount(owners, entries, len(recipes)) > 1
    found = np.zeros(len(base), np.bool_)
    found[recipes.indices[entries & several[owners]]] = True
    return found


def build_masks(dataset: Dataset, base: Path | None, additive: Path | None) -> dict[str, list[str]]:
    """Return the ids of each mask, from its list if there is one, or else from the roles.

    Raises:
        DataInvalid: a list cannot be read, or contains an unknown name.
        DataTooSmall: no ingredient has one of the roles.
    """
    roles = Roles.of(dataset.recipes, dataset.ingredients)
    ids = np.array([entry.id for entry in dataset.ingredients], np.object_)
    lists = {"base": (base, roles.base), "additive": (additive, roles.additive)}
    masks = {
        role: _read_list(path, dataset.ingredients) if path else ids[found].tolist()
        for role, (path, found) in lists.items()
    }
    for role, mask in masks.items():
        if not mask:
            raise DataTooSmall(
                f"No ingredient has the role {role}; assign it to one, or pass a list."
            )
    return masks


def _read_list(path: Path, ingredients: Iterable[Ingredient]) -> list[str]:
    known = ids_by_name(ingredients)
    ids: set[str] = set()
    problems: list[tuple[str, str]] = []
    for number, line in enumerate(read_lines(path), start=1):
        name = normalise(line.partition("#")[0])
        if name and name not in known:
            problems.append((f"line {number}", describe_unknown(name, known)))
        elif name:
            ids.add(known[name])
    if problems:
        raise DataInvalid.of(path, problems)
    if not ids:
        raise DataInvalid(path, "", "the list is empty; write one ingredient per line.")
    return sorted(ids)
