"""The data set: recipes over a vocabulary, read from your files or from the project's corpus."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from training.errors import DataTooSmall
from training.ingredients import Ingredient, ids_by_name, read_ingredients, resolve_names
from training.recipe_matrix import RecipeMatrix
from training.recipes.cleaning import clean
from training.recipes.files import find_files
from training.recipes.reading import read_recipes
from training.recipes.report import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from training.recipes.labels import Label
    from training.recipes.recipe import Recipe

CORPUS_RECIPES: Final = Path(__file__).parent / "corpus" / "drinks.jsonl"
CORPUS_INGREDIENTS: Final = Path(__file__).parent / "corpus" / "ingredients.tsv"
DIGEST_DIGITS: Final = 16


@dataclass(frozen=True)
class Dataset:
    """Recipes over a vocabulary.

    Attributes:
        recipes: the N recipes.
        ingredients: the ingredient of each of their columns, in the order of the ids.
        labels: the name and the category of each recipe, (N,).
    """

    recipes: RecipeMatrix
    ingredients: list[Ingredient]
    labels: list[Label]

    def distinct(self) -> Dataset:
        """Return the data set without repetitions, each recipe where it occurs first."""
        rows = self.recipes.distinct_rows()
        labels = [self.labels[row] for row in rows.tolist()]
        return Dataset(self.recipes.take(rows), self.ingredients, labels)


@dataclass(frozen=True)
class DatasetFiles:
    """The files of a data set. Without an ingredients table, every name is an ingredient.

    Attributes:
        recipes: a file or a folder of recipes.
        ingredients: the ingredients table.
        columns: the columns that contain ingredients, or None to guess them.
    """

    recipes: Path = CORPUS_RECIPES
    ingredients: Path | None = CORPUS_INGREDIENTS
    columns: str | None = None

    @classmethod
    def of(
        cls, recipes: Path | None, ingredients: Path | None = None, columns: str | None = None
    ) -> DatasetFiles:
        """Return the user's files, or those of the corpus if the user named no recipes."""
        if recipes is None:
            return cls(ingredients=ingredients or CORPUS_INGREDIENTS, columns=columns)
        return cls(recipes, ingredients, columns)

    def read(self, min_count: int, report: Callable[[str], None] = lambda _: None) -> Dataset:
        """Read the files and keep the ingredients that at least `min_count` recipes contain.

        `report` receives the lines that describe what was understood.

        Raises:
            DataInvalid: a file cannot be read.
            DataTooSmall: fewer than two ingredients are left.
        """
        ingredients = read_ingredients(self.ingredients) if self.ingredients else []
        reading = read_recipes(self.recipes, self.columns)
        clean(reading, self.recipes, ids_by_name(ingredients))
        if self.ingredients:
            reading.recipes = resolve_names(reading.recipes, ingredients, self.recipes)
        dataset = build_dataset(reading.recipes, min_count, ingredients)
        for line in describe(reading, dataset.recipes):
            report(line)
        return dataset

    def describe(self, recipes: RecipeMatrix, min_count: int) -> dict[str, object]:
        """Return the model card's description of the data: the file's name, but not its folder."""
        return {
            "file": self.recipes.resolve().name,
            "digest": self._digest(),
            "columns": self.columns,
            "recipes": len(recipes),
            "distinct": len(recipes.distinct()),
            "ingredients": recipes.columns,
            "min_count": min_count,
        }

    def _digest(self) -> str:
        """Return the first digits of the file's digest, or of the digests of the folder's files."""
        files = find_files(self.recipes)
        digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
        if self.recipes.is_dir():
            digests = [hashlib.sha256("".join(digests).encode()).hexdigest()]
        return digests[0][:DIGEST_DIGITS]


def build_dataset(
    recipes: Iterable[Recipe], min_count: int = 1, ingredients: Iterable[Ingredient] = ()
) -> Dataset:
    """Keep the names in at least `min_count` recipes, and drop recipes that are left empty.

    Raises:
        DataTooSmall: fewer than two names are left.
    """
    recipes = list(recipes)
    counts = Counter(name for recipe in recipes for name in recipe.names)
    ids = sorted(name for name, count in counts.items() if count >= min_count)
    if len(ids) < 2:  # noqa: PLR2004 - one to hide and one to predict it from
        raise DataTooSmall(
            f"Fewer than two ingredients are in at least {min_count} recipes; lower the minimum."
        )
    columns = {name: column for column, name in enumerate(ids)}
    rows = [[columns[name] for name in recipe.names if name in columns] for recipe in recipes]
    known = [(row, recipe.label) for row, recipe in zip(rows, recipes, strict=True) if row]
    entries = {entry.id: entry for entry in ingredients}
    return Dataset(
        RecipeMatrix.from_rows([row for row, _ in known], len(ids)),
        [entries.get(name) or Ingredient(name, name) for name in ids],
        [label for _, label in known],
    )
