"""Merge names that differ only in their quantities, and drop names that no request can contain."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from suggester.quantities import strip_preparation, strip_quantity
from suggester.requests import SEPARATOR
from training.errors import DataInvalid
from training.names import COMMENT, find_problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from training.recipes.recipe import Reading, Recipe

MOST_UNUSABLE: Final = 0.05  # a larger share of the names means that the file was misread


def clean(reading: Reading, path: Path, known: Collection[str] = ()) -> None:
    """Merge and drop names of the recipes; `known` are the names in the ingredients table.

    Raises:
        DataInvalid: many names cannot be used. The error names the first one.
    """
    names = frozenset().union(*(recipe.names for recipe in reading.recipes))
    reading.merged = merge_names(names, known)
    recipes = [_rename(recipe, reading.merged) for recipe in reading.recipes]
    problems = {
        name: problem
        for name in names.union(reading.merged.values())
        if (problem := find_problem(name, SEPARATOR + COMMENT))
    }
    counts = Counter(name for recipe in recipes for name in recipe.names if name in problems)
    if counts.total() > MOST_UNUSABLE * sum(len(recipe.names) for recipe in recipes):
        recipe = next(recipe for recipe in recipes if recipe.names & problems.keys())
        problem = problems[min(recipe.names & problems.keys())]
        raise DataInvalid(path, recipe.place, problem)
    reading.unusable = dict(counts)
    usable = [replace(recipe, names=recipe.names - counts.keys()) for recipe in recipes]
    reading.recipes = [recipe for recipe in usable if recipe.names]
    reading.empty_recipes += len(usable) - len(reading.recipes)


def merge_names(names: Iterable[str], known: Collection[str] = ()) -> dict[str, str]:
    """Return the shorter form of each name that has one: `2 cl fresh gin` becomes `gin`.

    A name is shortened if the shorter one is known or occurs too, or if several names become one.
    So names that only look like quantities remain.
    """
    found: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for name in names:
        if name not in known:
            plain = strip_quantity(name)
            bare = strip_preparation(plain)
            target = next((each for each in (plain, bare) if each in known), None)
            if target:
                found[name] = target
            else:
                groups.setdefault(bare, []).append(name)
    for bare, members in groups.items():
        if len(members) > 1:
            found |= {name: bare for name in members if name != bare}
    return found


def _rename(recipe: Recipe, names: dict[str, str]) -> Recipe:
    if not names.keys() & recipe.names:
        return recipe
    return replace(recipe, names=frozenset(names.get(name, name) for name in recipe.names))
