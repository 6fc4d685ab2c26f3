"""Guess which columns of a table, or which fields of an object, contain ingredients."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from suggester.names import normalise
from training.errors import DataInvalid
from training.recipes.cells import find_separator, split_cell
from training.recipes.labels import NO_FIELDS, LabelFields, find_label_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from training.recipes.labels import Label

ENOUGH: Final = 20  # rows from which the content of columns says something
NEARLY_ALL: Final = 0.9
TABLE_OF_INGREDIENTS: Final = ("id", "en", "ru", "role")

_NUMBERED: Final = re.compile(r"(.*?\D)[ _.№-]*\d+")
_INGREDIENTS: Final = frozenset(
    {"ner", "ingredients", "ingredient", "stringredient", "ingredient name", "ingredients list"}
    | {"ingredient list", "ингредиент", "ингредиенты", "состав", "продукты"}
)
_RECIPE_NAMES: Final = frozenset(
    {"id", "name", "title", "drink", "drink name", "cocktail", "cocktail name", "recipe"}
    | {"recipe name", "strdrink", "название", "наименование", "имя", "напиток", "коктейль"}
    | {"рецепт", "блюдо", "номер", "№"}
)
_OTHERS: Final = _RECIPE_NAMES | {
    *("category", "type", "glass", "instructions", "directions", "method", "preparation", "steps"),
    *("measure", "strmeasure", "measurement", "amount", "quantity", "unit", "image", "url", "link"),
    *("source", "cuisine", "tags", "notes", "description", "rating", "alcoholic", "date", "author"),
    *("категория", "тип", "бокал", "способ приготовления", "приготовление", "инструкция"),
    *("количество", "мера", "объем", "объём", "описание", "ссылка", "источник", "кухня", "фото"),
}


class NoIngredients(DataInvalid):
    """The file has a form that is known, but it contains no ingredients."""


@dataclass(frozen=True)
class Columns:
    """The columns that contain ingredients.

    Attributes:
        description: the columns in words.
        indices: the columns, from 0.
        rest: all further columns from this one; None for no others.
        has_header: the first row contains the names of the columns.
        separator: what separates the names in the only column; see `find_separator`.
        warnings: sentences about suspicious columns.
        labels: the columns with the recipes' names and categories.
    """

    description: str
    indices: tuple[int, ...] = ()
    rest: int | None = None
    has_header: bool = False
    separator: str = ""
    warnings: tuple[str, ...] = ()
    labels: LabelFields = NO_FIELDS

    def cells(self, row: Sequence[str]) -> Iterator[str]:
        """Yield the cells of a row that contain ingredients."""
        yield from (row[index] for index in self.indices if index < len(row))
        if self.rest is not None:
            yield from row[self.rest :]

    def values(self, row: Sequence[str]) -> list[Any]:
        """Return what a row contains, without cells that are empty."""
        return [value for cell in self.cells(row) for value in split_cell(cell, self.separator)]

    def label(self, row: Sequence[str]) -> Label:
        """Return the name and the category of a row's recipe."""
        return self.labels.read(dict(enumerate(row)))


def has_header_words(cells: Sequence[str]) -> bool:
    """Whether the cells are known names of columns."""
    return bool(find_fields(cells)) or normalise(cells[0]) in _RECIPE_NAMES


def find_fields(names: Sequence[str]) -> list[int]:
    """Return the columns whose names say that they contain ingredients."""
    plain = [normalise(name).replace("_", " ") for name in names]
    numbered = [_NUMBERED.fullmatch(name) for name in plain]
    many = [
        index for index, found in enumerate(numbered) if found and _stem(found[1]) in _INGREDIENTS
    ]
    if many:
        return many
    # RecipeNLG has the ingredients as text in one column, and their names in another one, `NER`.
    ranked = sorted(
        (name != "ner", index) for index, name in enumerate(plain) if name in _INGREDIENTS
    )
    return [index for _, index in ranked[:1]]


def choose_columns(rows: Sequence[Sequence[str]], path: Path, wanted: str | None) -> Columns:
    """Choose the columns of a table by the user's wish, its header or its content.

    Raises:
        DataInvalid: the table has no such column.
        NoIngredients: the header has no column for ingredients.
    """
    if not rows:
        raise NoIngredients(path, "", "the file is empty.")
    header = [normalise(name) for name in rows[0]]
    if tuple(header[: len(TABLE_OF_INGREDIENTS)]) == TABLE_OF_INGREDIENTS:
        problem = "a table of ingredients, not of recipes; pass it with INGREDIENTS=."
        raise NoIngredients(path, "", problem)
    if wanted:
        chosen = _wanted_columns(rows, header, path, wanted)
    elif has_header_words(header) or _numbered_columns(rows):
        chosen = _columns_of_header(rows, header, path)
    else:
        chosen = _columns_without_header(rows)
    if chosen.has_header:
        chosen = replace(chosen, labels=find_label_fields(header, _columns(chosen, len(header))))
    return _with_list(chosen, rows)


def _columns(columns: Columns, count: int) -> set[int]:
    """Return the columns that contain ingredients, among the first `count`."""
    rest = range(count if columns.rest is None else columns.rest, count)
    return {*columns.indices, *rest}


def _wanted_columns(
    rows: Sequence[Sequence[str]], header: list[str], path: Path, wanted: str
) -> Columns:
    indices: list[int] = []
    rest, has_header = None, has_header_words(header) or bool(_numbered_columns(rows))
    for part in filter(None, map(normalise, wanted.split(","))):
        found = re.fullmatch(r"(\d+)(-(\d*))?", part)
        if part in header:
            indices.append(header.index(part))
            has_header = True
        elif found and 0 < int(found[1]) <= max(map(len, rows)):
            first = int(found[1]) - 1
            if found[2] == "-":
                rest = first
            else:
                indices += range(first, int(found[3] or found[1]))
        else:
            names = ", ".join(rows[0])
            raise DataInvalid(path, "", f"there is no column {part!r}; the first line is {names}.")
    return Columns(f"columns {wanted}", tuple(indices), rest, has_header)


def _columns_of_header(rows: Sequence[Sequence[str]], header: list[str], path: Path) -> Columns:
    indices = find_fields(header) or _numbered_columns(rows)
    indices = indices or [index for index, name in enumerate(header) if not _is_other(name)]
    if not indices:
        names = ", ".join(rows[0])
        problem = f"no column for ingredients among {names}; select columns with COLUMNS=."
        raise NoIngredients(path, "", problem)
    last = len(header)
    is_open = indices[-1] == last - 1 and any(any(row[last:]) for row in rows[1:])
    first, final = (rows[0][index].strip() for index in (indices[0], indices[-1]))
    described = f"columns {first} to {final}" if len(indices) > 1 else f"column {first}"
    described += " and all after it" if is_open else ""
    return Columns(described, tuple(indices), last if is_open else None, has_header=True)


def _columns_without_header(rows: Sequence[Sequence[str]]) -> Columns:
    if len(rows) < ENOUGH:
        return Columns("all columns, no header", rest=0)
    warnings: list[str] = []
    cells = [[normalise(cell) for cell in row] for row in rows]
    counts = Counter(cell for row in cells for cell in set(row))
    if max(counts[cell] for cell in cells[0]) == 1:
        warnings.append(
            "The first line has nothing in common with the others. If it is a header, select "
            "columns by their names in it with COLUMNS=."
        )
    first = [row[0] for row in cells]
    rare = sum(counts[cell] == 1 for cell in first)
    if rare < NEARLY_ALL * len(rows) or max(map(len, rows)) == 1:
        return Columns("all columns, no header", rest=0, warnings=tuple(warnings))
    warnings.append(
        "The first column is different in nearly every line, so it was taken for the names of "
        "recipes and left out. COLUMNS=1- includes it."
    )
    return Columns(
        "all columns after the first, no header",
        rest=1,
        warnings=tuple(warnings),
        labels=LabelFields(name=0),
    )


def _with_list(columns: Columns, rows: Sequence[Sequence[str]]) -> Columns:
    """Split the cells of the only column, if they contain lists."""
    picked = [list(columns.cells(row)) for row in rows[int(columns.has_header) :]]
    if max(map(len, picked), default=0) != 1:
        return columns
    separator = find_separator(cell for cells in picked for cell in cells)
    description = f"{columns.description} with lists" if separator else columns.description
    return replace(columns, description=description, separator=separator)


def _numbered_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the columns with the same name and numbers from 1, such as `Zutat 1`, `Zutat 2`.

    If there are several such names, the columns with the fewest digits are the ingredients.
    """
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(rows[0]):
        found = _NUMBERED.fullmatch(normalise(name))
        if found and not _is_other(name):
            groups.setdefault(_stem(found[1]), []).append(index)
    candidates = [
        indices
        for indices in groups.values()
        if len(indices) > 1 and normalise(rows[0][indices[0]]).endswith("1")
    ]

    def digits(indices: list[int]) -> int:
        cells = (row[index] for row in rows[1:] for index in indices if index < len(row))
        return sum(any(map(str.isdigit, cell)) for cell in cells)

    return min(candidates, key=digits, default=[])


def _is_other(name: str) -> bool:
    plain = normalise(name)
    found = _NUMBERED.fullmatch(plain)
    return plain in _OTHERS or (found is not None and _stem(found[1]) in _OTHERS) or not plain


def _stem(name: str) -> str:
    return name.strip(" _.-№")
