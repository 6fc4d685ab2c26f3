"""How well an ingredient is replaced: pairs of recipes that differ in exactly one ingredient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.substitute import role_factors
from training.metrics import rank_hidden
from training.recipe_matrix import RecipeMatrix
from training.split import TEST_SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.metrics import Ranks, Scorer
    from training.recipe_matrix import Floats, Ints

    Recipe = frozenset[int]

LEAST: Final = 3  # common ingredients of a pair; those of fewer fit nearly every other one


@dataclass(frozen=True)
class Replacements:
    """C recipes without an ingredient each: the rest, the ingredient and its replacement (C,)."""

    remaining: RecipeMatrix
    replaced: Ints
    replacement: Ints


def find_replacements(
    train: RecipeMatrix, test: RecipeMatrix, categories: tuple[Sequence[str], Sequence[str]]
) -> Replacements:
    """Replace ingredients of any recipe so that it becomes one that only the test part contains.

    Both recipes have the same category, if any; `categories` are those of the two parts. An
    ingredient that could become several others becomes a random one of them.
    """
    known = _category_by_recipe(train, categories[0])
    tested = _category_by_recipe(test, categories[1])
    added: dict[tuple[Recipe, str], list[int]] = {}
    for recipe in sorted(tested.keys() - known.keys(), key=sorted):
        for column in sorted(recipe):
            added.setdefault((recipe - {column}, tested[recipe]), []).append(column)
    generator = np.random.default_rng(TEST_SEED)
    cases: list[tuple[list[int], int, int]] = []
    for recipe, category in sorted((tested | known).items(), key=lambda item: sorted(item[0])):
        for column in sorted(recipe):
            rest = recipe - {column}
            found = [other for other in added.get((rest, category), ()) if other != column]
            if len(rest) >= LEAST and found:
                cases.append((sorted(rest), column, found[int(generator.integers(len(found)))]))
    remaining = RecipeMatrix.from_rows([rest for rest, _, _ in cases], train.columns)
    replaced, replacement = (np.array([case[i] for case in cases], np.int64) for i in (1, 2))
    return Replacements(remaining, replaced, replacement)


def _category_by_recipe(recipes: RecipeMatrix, categories: Sequence[str]) -> dict[Recipe, str]:
    return {frozenset(recipes[row].tolist()): category for row, category in enumerate(categories)}


def measure_substitutes(served: Scorer, embedding: Floats, cases: Replacements) -> Ranks:
    """Return the ranks of the replacements for `next` and for `substitute`, (C, 2).

    The scores must be weights; minus infinity forbids an ingredient.
    """
    scores = served(cases.remaining).copy()
    scores[np.arange(len(scores)), cases.replaced] = -np.inf
    chosen = cases.remaining.multi_hot()
    allowed = scores > -np.inf
    factors = role_factors(embedding, cases.replaced)
    scaled = np.where(allowed, np.where(allowed, scores, 0) * factors, -np.inf)
    ranks = [rank_hidden(found, chosen, cases.replacement) for found in (scores, scaled)]
    return np.stack(ranks, axis=1)
