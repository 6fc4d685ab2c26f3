"""The ingredients table: names, role, allergen groups and look of each ingredient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from suggester.groups import is_group_id
from suggester.looks import Look
from suggester.names import normalise
from suggester.requests import SEPARATOR
from suggester.vocabulary import nearest
from training.errors import DataInvalid
from training.names import COMMENT, find_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from training.recipes.recipe import Recipe

ROLES: Final = ("base", "additive", "both")
COLUMNS: Final = ("id", "en", "ru", "role", "aliases")
GROUPS: Final = (*COLUMNS, "contains")
LOOKS: Final = (*GROUPS, *Look._fields)
NOTHING: Final = "-"  # in `contains`


@dataclass(frozen=True, slots=True)
class Ingredient:
    """An ingredient: its id, its names in two languages, its role, aliases and allergen groups.

    `contains` and `look` are None if there are no data.
    """

    id: str
    en: str
    ru: str = ""
    role: str = "both"
    aliases: tuple[str, ...] = ()
    contains: tuple[str, ...] | None = None
    look: Look | None = None

    @property
    def names(self) -> set[str]:
        """Every name of the ingredient, normalised."""
        return {normalise(name) for name in (self.id, self.en, self.ru, *self.aliases) if name}


def read_ingredients(path: Path) -> list[Ingredient]:
    """Read the ingredients table: tab-separated, with a header line.

    Aliases and groups are separated by `;`. The columns of the look, or they and `contains`, may
    be missing.

    Raises:
        DataInvalid: lines are malformed, or repeat a name of another ingredient. The error lists
            the problems of all lines.
    """
    lines = read_lines(path)
    columns = tuple(lines[0].split("\t")) if lines else ()
    if columns not in (COLUMNS, GROUPS, LOOKS):
        more = f"then {GROUPS[-1]} if known, then {' '.join(Look._fields)} if known"
        raise DataInvalid(
            path, "line 1", f"the header must be {' '.join(COLUMNS)}, {more}, with tabs."
        )
    ingredients: list[Ingredient] = []
    id_by_name: dict[str, str] = {}
    problems: list[tuple[str, str]] = []
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            cells = [cell.strip() for cell in line.split("\t")]
            cells += [""] * (len(columns) - len(cells))
            found = _find_problems(cells, columns)
            if not found:
                entry = _build(cells)
                found = [
                    f"{name!r} is already a name of {id_by_name[name]}."
                    for name in sorted(entry.names & id_by_name.keys())
                ]
                id_by_name = dict.fromkeys(entry.names, entry.id) | id_by_name
                ingredients.append(entry)
            problems += [(f"line {number}", problem) for problem in found]
    if problems:
        raise DataInvalid.of(path, problems)
    return ingredients


def _find_problems(cells: list[str], columns: Sequence[str]) -> list[str]:
    if len(cells) != len(columns) or not cells[0] or not cells[1]:
        return [f"write {' '.join(columns)}, separated by tabs."]
    problems = [find_problem(cells[0], SEPARATOR + COMMENT)]
    problems += [find_problem(name) for name in (*cells[1:3], *_aliases(cells)) if name]
    if cells[3] not in ROLES:
        problems.append(f"unknown role {cells[3]!r}; use {', '.join(ROLES)}.")
    problems += [
        f"{group!r} cannot be a group; use lower-case letters, digits and '-', with "
        f"{SEPARATOR!r} between groups, or {NOTHING!r} for none."
        for group in _contains(cells) or ()
        if not is_group_id(group)
    ]
    look = _look(cells)
    problems += look.problems() if look else []
    return [problem for problem in problems if problem]


def _build(cells: list[str]) -> Ingredient:
    found, en, ru, role = cells[: COLUMNS.index("aliases")]
    return Ingredient(found, en, ru, role, _aliases(cells), _contains(cells), _look(cells))


def _aliases(cells: list[str]) -> tuple[str, ...]:
    return tuple(alias.strip() for alias in cells[4].split(SEPARATOR) if alias.strip())


def _contains(cells: list[str]) -> tuple[str, ...] | None:
    """Return the groups, or None if there is no column or an empty cell."""
    cell = "".join(cells[len(COLUMNS) : len(GROUPS)])
    if cell in ("", NOTHING):
        return () if cell else None
    return tuple(sorted({group.strip() for group in cell.split(SEPARATOR)}))


def _look(cells: list[str]) -> Look | None:
    """Return the look, or None if there are no columns or only empty cells."""
    values = cells[len(GROUPS) :]
    return Look(*values) if any(values) else None


def resolve_names(
    recipes: Iterable[Recipe], ingredients: Iterable[Ingredient], path: Path
) -> list[Recipe]:
    """Replace every name in the recipes, which were read from `path`, by the ingredient's id.

    Raises:
        DataInvalid: recipes contain unknown names. The error lists them, each with its first place.
    """
    ids = ids_by_name(ingredients)
    recipes = list(recipes)
    unknown: dict[str, str] = {}
    for recipe in recipes:
        for name in sorted(recipe.names - ids.keys()):
            unknown.setdefault(name, recipe.place)
    if unknown:
        problems = [(place, describe_unknown(name, ids)) for name, place in unknown.items()]
        raise DataInvalid.of(path, problems)
    return [
        replace(recipe, names=frozenset(ids[name] for name in recipe.names)) for recipe in recipes
    ]


def ids_by_name(ingredients: Iterable[Ingredient]) -> dict[str, str]:
    """Return the id that each normalised name stands for."""
    return {name: entry.id for entry in ingredients for name in entry.names}


def describe_unknown(name: str, known: Iterable[str]) -> str:
    """Say that a name is unknown, and name the most similar known names."""
    similar = " or ".join(nearest(name, known))
    hint = f"did you mean {similar}?" if similar else "correct it, or add it to the ingredients."
    return f"{name!r} is not a known ingredient; {hint}"


def read_lines(path: Path) -> list[str]:
    """Read the lines of a UTF-8 text file.

    Raises:
        DataInvalid: the file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataInvalid(path, "", f"the file cannot be read as UTF-8 text ({error}).") from error
