"""The name and the category of a recipe, and the fields that contain them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from suggester.names import normalise

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

LONGEST: Final = 100  # characters; a longer text is no name
_NAMES: Final = (
    *("name", "title", "drink", "drink name", "cocktail", "cocktail name", "recipe", "strdrink"),
    *("recipe name", "название", "наименование", "имя", "напиток", "коктейль", "рецепт", "блюдо"),
)
_RUSSIAN: Final = ("ru", "name ru")
_CATEGORIES: Final = ("category", "strcategory", "категория")


@dataclass(frozen=True, slots=True)
class Label:
    """What the data say about a recipe apart from its ingredients; empty where they do not.

    Attributes:
        name: its name, in English if there are two.
        ru: its Russian name, if there are two.
        category: its category.
    """

    name: str = ""
    ru: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class LabelFields:
    """The fields or columns of a recipe's label; None for those that are absent."""

    name: Any = None
    ru: Any = None
    category: Any = None

    def read(self, cells: Mapping[Any, Any]) -> Label:
        """Return the label in the cells of a recipe, by field or column."""
        return Label(*(_text(cells.get(key)) for key in (self.name, self.ru, self.category)))


NO_LABEL: Final = Label()
NO_FIELDS: Final = LabelFields()


def find_label_fields(names: Sequence[str], ingredients: Collection[int] = ()) -> LabelFields:
    """Return the indices of the fields with these names; `ingredients` are other fields."""
    plain = {
        normalise(name).replace("_", " "): index
        for index, name in reversed(list(enumerate(names)))
        if index not in ingredients
    }
    found = (
        next((plain[name] for name in wanted if name in plain), None)
        for wanted in (_NAMES, _RUSSIAN, _CATEGORIES)
    )
    return LabelFields(*found)


def _text(value: Any) -> str:
    """Return a text with single spaces; nothing for another value or a very long text."""
    if not isinstance(value, str):
        return ""
    text = " ".join(value.split())
    return text if len(text) <= LONGEST and text.isprintable() else ""
