"""Where the recipes come from: a file that the user brings, or the project's own drinks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from training.recipes import read_recipes
from training.vocabulary import Corpus, build_corpus, read_ingredients, resolve

if TYPE_CHECKING:
    from training.sets import Sets

OWN_DRINKS: Final = Path(__file__).parent / "corpus" / "drinks.jsonl"
OWN_INGREDIENTS: Final = Path(__file__).parent / "corpus" / "ingredients.tsv"
DIGEST_DIGITS: Final = 16


@dataclass(frozen=True)
class Source:
    """Name the files that a corpus is read from; without ingredients, names are what they say."""

    data: Path = OWN_DRINKS
    ingredients: Path | None = OWN_INGREDIENTS

    @classmethod
    def of(cls, data: Path | None, ingredients: Path | None = None) -> Source:
        """Take what the user named, or the project's drinks with their ingredients."""
        return cls(data, ingredients) if data else cls(ingredients=ingredients or OWN_INGREDIENTS)

    def read(self, min_count: int) -> Corpus:
        """Read, resolve and count.

        Raises:
            DataInvalid: a file is broken.
            DataTooSmall: too few names are left.
        """
        recipes = read_recipes(self.data)
        if self.ingredients is None:
            return build_corpus(recipes, min_count)
        ingredients = read_ingredients(self.ingredients)
        return build_corpus(resolve(recipes, ingredients, self.data), min_count, ingredients)

    def describe(self, recipes: Sets, min_count: int) -> dict[str, object]:
        """Return what the model card says of the data: no path, only the file's name."""
        return {
            "file": self.data.name,
            "digest": hashlib.sha256(self.data.read_bytes()).hexdigest()[:DIGEST_DIGITS],
            "recipes": len(recipes),
            "distinct": len(recipes.distinct()),
            "ingredients": recipes.columns,
            "min_count": min_count,
        }
