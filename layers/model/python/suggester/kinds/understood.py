"""What was understood of a text."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class IngredientInText:
    """An ingredient in a text."""

    ingredient: str
    start: int = field(metadata={"description": "The position of its first character."})
    end: int = field(metadata={"description": "The position after its last character."})
    quantity: float | None = field(metadata={"description": "The middle of a range."})
    unit: str | None


@dataclass(frozen=True)
class UnknownInText:
    """A part of a text that looks like an ingredient, and was not understood."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Understood:
    """The ingredients in a text."""

    ingredients: list[IngredientInText]
    excluded: list[IngredientInText] = field(
        metadata={
            "description": "Those that the text excludes, as in `without sugar`, and groups such "
            "as `group:nuts`."
        }
    )
    not_understood: list[UnknownInText]
