"""The names in an answer, in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from suggester.vocabulary import LANGUAGES

if TYPE_CHECKING:
    from suggester.vocabulary import Language, Vocabulary

IDS: Final = frozenset(("added", "missing", "extra"))  # members with lists of ids


class Naming:
    """Replaces ids of ingredients, and names by language, in the answers of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, language: Language) -> None:
        self.language = language
        self._vocabulary = vocabulary

    def name(self, ingredient: str) -> str:
        """Return the name of an ingredient.

        A model that was deployed since the answer may lack it; the id is returned instead.
        """
        column = self._vocabulary.index.get(ingredient)
        if column is None:
            return ingredient
        return self._vocabulary.ingredients[column].name(self.language)

    def apply(self, value: Any, member: str = "") -> Any:
        """Return a part of an answer, the value of `member`, with names."""
        if isinstance(value, dict):
            if value and value.keys() <= {*LANGUAGES}:
                return value.get(self.language) or next(iter(value.values()))
            return {name: self.apply(each, name) for name, each in value.items()}
        if isinstance(value, list | tuple):
            if member in IDS:
                return [self.name(each) for each in value]
            return [self.apply(each) for each in value]
        return self.name(value) if member == "ingredient" else value
