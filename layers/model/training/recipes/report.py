"""What the commands print about the data: three lines, and warnings."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from training.recipe_matrix import RecipeMatrix
    from training.recipes.recipe import Reading

ENOUGH: Final = 20  # recipes from which rare names say something
MANY: Final = 100  # recipes
MOSTLY: Final = 0.5
EXAMPLES: Final = 3
LONGEST: Final = 60  # characters of an example


def describe(reading: Reading, recipes: RecipeMatrix) -> Iterator[str]:
    """Yield three lines: the columns, the recipes with their ingredients, and what was dropped.

    Warnings follow. `recipes` are those of the reading without rare ingredients.
    """
    yield "; ".join(_describe_layouts(reading.layouts))
    yield f"{len(recipes)} recipes, {recipes.columns} ingredients"
    yield "; ".join([*_describe_dropped(reading, recipes), *_describe_merged(reading.merged)])
    for warning in dict.fromkeys(reading.warnings):
        yield f"Warning: {warning}"
    if len(recipes) < MANY:
        yield f"Warning: {len(recipes)} recipes are few. A useful model needs some hundreds."
    once = int((recipes.frequency() == 1).sum())
    if len(recipes) >= ENOUGH and once > MOSTLY * recipes.columns:
        yield (
            f"Warning: {once} of {recipes.columns} ingredients are in only one recipe, so a model "
            "cannot learn them. Check the columns (COLUMNS=), or drop them with MIN_COUNT=2."
        )


def _describe_layouts(layouts: dict[str, str]) -> Iterator[str]:
    files: dict[str, list[str]] = {}
    for name, layout in layouts.items():
        files.setdefault(layout, []).append(name)
    for layout, names in files.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield f"{names[0]}{more}: {layout}"


def _describe_dropped(reading: Reading, recipes: RecipeMatrix) -> Iterator[str]:
    names = frozenset().union(*(recipe.names for recipe in reading.recipes))
    rare = len(names) - recipes.columns
    empty = reading.empty_recipes + len(reading.recipes) - len(recipes)
    parts = [
        _count(reading.empty_names, "empty name"),
        _count(
            sum(reading.unusable.values()), "name", f" unfit for requests{_some(reading.unusable)}"
        ),
        _count(rare, "rare ingredient"),
        _count(empty, "recipe", " without ingredients"),
        _count(len(reading.other_files), "file", f" without recipes{_some(reading.other_files)}"),
    ]
    yield f"dropped: {', '.join(filter(None, parts)) or 'nothing'}"


def _describe_merged(merged: dict[str, str]) -> Iterator[str]:
    if merged:
        examples = [f"{name!r} is {plain!r}" for name, plain in sorted(merged.items())]
        yield f"shortened: {_count(len(merged), 'name')}{_some(examples)}"


def _count(count: int, noun: str, rest: str = "") -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}{rest}" if count else ""


def _some(names: Iterable[str]) -> str:
    shown = [
        name if len(name) <= LONGEST else f"{name[:LONGEST]}…" for name in islice(names, EXAMPLES)
    ]
    return f" ({', '.join(shown)}, …)" if shown else ""
