"""The ingredients table: which names are the same ingredient, and which role it has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from suggester.names import normalise
from suggester.requests import SEPARATOR
from suggester.vocabulary import nearest
from training.errors import DataInvalid
from training.names import COMMENT, check_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from training.recipes import Recipe

ROLES: Final = ("base", "additive", "both")
COLUMNS: Final = ("id", "en", "ru", "role", "aliases")


@dataclass(frozen=True, slots=True)
class Ingredient:
    """An ingredient: its id, its names in two languages, its role and its aliases."""

    id: str
    en: str
    ru: str = ""
    role: str = "both"
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """Every name of the ingredient, normalised."""
        return {normalise(name) for name in (self.id, self.en, self.ru, *self.aliases) if name}


def read_ingredients(path: Path) -> list[Ingredient]:
    """Read the ingredients table: tab-separated, a header line, aliases separated by `;`.

    Raises:
        DataInvalid: a line is malformed, or repeats a name of another ingredient.
    """
    lines = read_lines(path)
    if not lines or lines[0].split("\t") != list(COLUMNS):
        raise DataInvalid(path, "line 1", f"the header must be {' '.join(COLUMNS)}, with tabs.")
    ingredients: list[Ingredient] = []
    id_by_name: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            entry = _parse(line, path, f"line {number}")
            for name in sorted(entry.names & id_by_name.keys()):
                problem = f"{name!r} is already a name of {id_by_name[name]}."
                raise DataInvalid(path, f"line {number}", problem)
            id_by_name |= dict.fromkeys(entry.names, entry.id)
            ingredients.append(entry)
    return ingredients


def _parse(line: str, path: Path, place: str) -> Ingredient:
    cells = [cell.strip() for cell in line.split("\t")]
    cells += [""] * (len(COLUMNS) - len(cells))
    if len(cells) != len(COLUMNS) or not cells[0] or not cells[1]:
        raise DataInvalid(path, place, f"write {' '.join(COLUMNS)}, separated by tabs.")
    if cells[3] not in ROLES:
        raise DataInvalid(path, place, f"unknown role {cells[3]!r}; use {', '.join(ROLES)}.")
    aliases = tuple(alias.strip() for alias in cells[4].split(SEPARATOR) if alias.strip())
    check_name(cells[0], path, place, SEPARATOR + COMMENT)
    for name in filter(None, (*cells[1:3], *aliases)):
        check_name(name, path, place)
    return Ingredient(cells[0], cells[1], cells[2], cells[3], aliases)


def resolve_names(
    recipes: Iterable[Recipe], ingredients: Iterable[Ingredient], path: Path
) -> list[Recipe]:
    """Replace every name in the recipes, which were read from `path`, by the ingredient's id.

    Raises:
        DataInvalid: a recipe contains an unknown name.
    """
    ids = ids_by_name(ingredients)
    resolved: list[Recipe] = []
    for recipe in recipes:
        for name in sorted(recipe.names - ids.keys()):
            raise unknown_name(name, ids, path, recipe.place)
        resolved.append(replace(recipe, names=frozenset(ids[name] for name in recipe.names)))
    return resolved


def ids_by_name(ingredients: Iterable[Ingredient]) -> dict[str, str]:
    """Return the id that each normalised name stands for."""
    return {name: entry.id for entry in ingredients for name in entry.names}


def unknown_name(name: str, known: Iterable[str], path: Path, place: str) -> DataInvalid:
    """Return an error that names the most similar known names."""
    similar = " or ".join(nearest(name, known))
    hint = f"did you mean {similar}?" if similar else "correct it, or add it to the ingredients."
    return DataInvalid(path, place, f"{name!r} is not a known ingredient; {hint}")


def read_lines(path: Path) -> list[str]:
    """Read the lines of a UTF-8 text file.

    Raises:
        DataInvalid: the file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataInvalid(path, "", f"the file cannot be read as UTF-8 text ({error}).") from error
