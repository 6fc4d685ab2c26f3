"""Which names are one ingredient, and which ingredients are frequent enough to learn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from suggester.vocabulary import nearest, normalise
from training.errors import DataInvalid, DataTooSmall
from training.sets import Sets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from training.recipes import Recipe

ROLES: Final = ("base", "additive", "both")
COLUMNS: Final = ("id", "en", "ru", "role", "aliases")


@dataclass(frozen=True, slots=True)
class Ingredient:
    """An ingredient by its id, its names in two languages, its role and its aliases."""

    id: str
    en: str
    ru: str = ""
    role: str = "both"
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """Return every name that means this ingredient, normalised."""
        return {normalise(name) for name in (self.id, self.en, self.ru, *self.aliases) if name}


@dataclass(frozen=True)
class Corpus:
    """Hold recipes as sets of columns, and the ingredient of each column, by id."""

    recipes: Sets
    ingredients: list[Ingredient]


def read_ingredients(path: Path) -> list[Ingredient]:
    """Read the ingredients file: tabs, a header line, aliases separated by `;`.

    Raises:
        DataInvalid: a line is not of that form, or gives a name that is taken.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataInvalid(path, "", f"cannot be read as UTF-8 text ({error}).") from error
    if not lines or lines[0].split("\t") != list(COLUMNS):
        raise DataInvalid(path, "line 1", f"the header must be {' '.join(COLUMNS)}, with tabs.")
    ingredients: list[Ingredient] = []
    taken: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            entry = _entry(line, path, f"line {number}")
            for name in sorted(entry.names & taken.keys()):
                raise DataInvalid(path, f"line {number}", f"{name!r} already means {taken[name]}.")
            taken |= dict.fromkeys(entry.names, entry.id)
            ingredients.append(entry)
    return ingredients


def _entry(line: str, path: Path, place: str) -> Ingredient:
    parts = [part.strip() for part in line.split("\t")]
    parts += [""] * (len(COLUMNS) - len(parts))
    if len(parts) != len(COLUMNS) or not parts[0] or not parts[1] or "#" in parts[0]:
        raise DataInvalid(path, place, f"write {' '.join(COLUMNS)}, separated by tabs.")
    if parts[3] not in ROLES:
        raise DataInvalid(path, place, f"role {parts[3]!r} is none of {', '.join(ROLES)}.")
    aliases = tuple(alias.strip() for alias in parts[4].split(";") if alias.strip())
    return Ingredient(parts[0], parts[1], parts[2], parts[3], aliases)


def resolve(
    recipes: Iterable[Recipe], ingredients: Iterable[Ingredient], path: Path
) -> list[Recipe]:
    """Replace every name by the id it means.

    Raises:
        DataInvalid: a recipe of the file at `path` has a name that no ingredient bears.
    """
    ids = {name: entry.id for entry in ingredients for name in entry.names}
    resolved: list[Recipe] = []
    for recipe in recipes:
        for name in sorted(recipe.names - ids.keys()):
            alike = " or ".join(nearest(name, ids)) or "adding it to the ingredients"
            problem = f"{name!r} is not among the ingredients; did you mean {alike}?"
            raise DataInvalid(path, recipe.place, problem)
        resolved.append(replace(recipe, names=frozenset(ids[name] for name in recipe.names)))
    return resolved


def build_corpus(
    recipes: Iterable[Recipe],
    min_count: int = 1,
    ingredients: Iterable[Ingredient] = (),
) -> Corpus:
    """Keep the names that at least `min_count` recipes have, and the recipes that keep any.

    Columns are in the order of the ids.

    Raises:
        DataTooSmall: fewer than two names are that frequent.
    """
    rows = [recipe.names for recipe in recipes]
    counts = Counter(name for row in rows for name in row)
    ids = sorted(name for name, count in counts.items() if count >= min_count)
    if len(ids) < 2:  # noqa: PLR2004 - something must be left to suggest
        raise DataTooSmall(f"Fewer than two ingredients are in {min_count} recipes or more.")
    column = {name: number for number, name in enumerate(ids)}
    known = [[column[name] for name in row if name in column] for row in rows]
    entries = {entry.id: entry for entry in ingredients}
    return Corpus(
        Sets.of((row for row in known if row), len(ids)),
        [entries.get(name) or Ingredient(name, name) for name in ids],
    )
