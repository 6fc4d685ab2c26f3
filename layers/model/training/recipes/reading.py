"""Read recipes from a file or from all files of a folder."""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any, Final

from suggester.names import normalise
from training.errors import DataInvalid
from training.recipes.cells import NotAName, names_in
from training.recipes.columns import NoIngredients
from training.recipes.files import TABLES, find_files, format_of, open_text
from training.recipes.recipe import Reading, Recipe
from training.recipes.records import Records
from training.recipes.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from training.recipes.labels import Label

MOSTLY: Final = 0.5


def read_recipes(path: Path, columns: str | None = None) -> Reading:
    """Read the recipes of a file or a folder; `columns` overrides the guess of the columns.

    The names are normalised.

    Raises:
        DataInvalid: a file or a place in it is malformed, or no recipe has two names.
    """
    reading = Reading()
    reader = _Reader(reading, path, columns)
    files = find_files(path)
    for file in files:
        try:
            reader.read(file)
        except NoIngredients:
            if not path.is_dir():
                raise
            reading.other_files.append(str(file.relative_to(path)))
    _check(reading, path)
    return reading


class _Reader:
    def __init__(self, reading: Reading, path: Path, columns: str | None) -> None:
        self._reading = reading
        self._path = path
        self._columns = columns
        self._normal: dict[str, str] = {}

    def read(self, file: Path) -> None:
        """Add the recipes of a file."""
        inside = f"{file.relative_to(self._path)}, " if file != self._path else ""
        suffix = format_of(file)
        with open_text(file) as stream:
            if suffix in TABLES:
                table = Table(stream, file, suffix, self._columns)
                rows = (
                    (table.columns.values(row), place, table.columns.label(row))
                    for row, place in table.rows()
                )
                self._add(rows, file, inside)
                self._reading.warnings += [inside + text for text in table.columns.warnings]
                self._reading.layouts[file.name] = table.layout
            else:
                records = Records(stream, file, suffix, self._columns)
                self._add(records.rows(), file, inside)
                self._reading.layouts[file.name] = records.layout

    def _add(self, rows: Iterable[tuple[list[Any], str, Label]], file: Path, inside: str) -> None:
        reading = self._reading
        for values, place, label in rows:
            try:
                names = [self._normalise(name) for name in names_in(values)]
            except NotAName as error:
                raise DataInvalid(file, place, str(error)) from error
            filled = frozenset(filter(None, names))
            reading.empty_names += names.count("")
            reading.empty_recipes += not filled
            if filled:
                reading.recipes.append(Recipe(filled, inside + place, label))

    def _normalise(self, name: str) -> str:
        if name not in self._normal:
            self._normal[name] = intern(normalise(name))
        return self._normal[name]


def _check(reading: Reading, path: Path) -> None:
    if not any(len(recipe.names) > 1 for recipe in reading.recipes):
        problem = (
            "no recipe has two ingredients; write all ingredients of a recipe on one line, and "
            "check the separator between them, or COLUMNS=."
        )
        raise DataInvalid(path, "", problem)
    names = [name for recipe in reading.recipes for name in recipe.names]
    numbers = sum(not any(map(str.isalpha, name)) for name in names)
    if numbers > MOSTLY * len(names):
        problem = "most names are numbers; select the columns of ingredients with COLUMNS=."
        raise DataInvalid(path, "", problem)
