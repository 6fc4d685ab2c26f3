"""The names and the category of each known recipe: the file drinks.json of a model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from suggester.errors import ArtifactInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE: Final = "drinks.json"
FIELDS: Final = 3  # of a drink: English name, Russian name and index of the category


class DrinkName(NamedTuple):
    """The names of a known drink in two languages; the Russian one is often empty."""

    en: str
    ru: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the names by language, without an empty one."""
        return {language: name for language, name in self._asdict().items() if name}


class KnownDrinks:
    """The names and categories of the distinct recipes, in the order of recipes.npz.

    Attributes:
        categories: the categories; empty if the data have none.
        is_named: whether each recipe has a name, (N,).
    """

    def __init__(self, rows: Sequence[Sequence[Any]], categories: Sequence[str]) -> None:
        self._rows = rows
        self.categories = tuple(categories)
        self.is_named = np.array([any(row[::FIELDS]) for row in rows], np.bool_)

    @classmethod
    def parse(cls, content: bytes, recipes: int) -> KnownDrinks:
        """Read drinks.json, which has a row for each recipe.

        Raises:
            ArtifactInvalid: it is damaged, or has another number of rows.
        """
        try:
            value = json.loads(content)
            rows, categories = list(value["drinks"]), list(map(str, value["categories"]))
        except (ValueError, KeyError, TypeError) as error:
            raise _invalid() from error
        if len(rows) != recipes or not all(map(_is_row, rows)):
            raise _invalid()
        return cls(rows, categories)

    def names(self, row: int) -> tuple[DrinkName, ...]:
        """Return the names of a recipe: several if drinks consist of the same ingredients."""
        cells = self._rows[row]
        pairs = zip(cells[::FIELDS], cells[1::FIELDS], strict=True)
        return tuple(DrinkName(en, ru) for en, ru in pairs if en)


def _is_row(row: Any) -> bool:
    return isinstance(row, list) and len(row) % FIELDS == 0


def _invalid() -> ArtifactInvalid:
    return ArtifactInvalid(
        f"{FILE} does not belong to recipes.npz in the same folder; train a model with "
        "`make train` or restore the file."
    )
