"""Finishing drinks of which only one or two ingredients are left, and novelty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.completions import Completions
from suggester.ranker import log_frequency
from suggester.recipe_index import RecipeIndex
from training.recipe_matrix import RecipeMatrix
from training.split import keep_few

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.metrics import Ranks, Scorer
    from training.recipe_matrix import Floats
    from training.roles import Roles
    from training.split import Cases

    Finisher = Callable[[RecipeMatrix], RecipeMatrix]

SEED: Final = 5
GIVEN: Final = (1, 2)
LENGTH: Final = 5  # of a drink that is finished one ingredient after another
NOVELTIES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
SUGGESTIONS: Final = 10


@dataclass(frozen=True)
class Finishing:
    """How well a model finishes C drinks.

    Attributes:
        f1: the F1 of what is added against what was hidden, with one and two ingredients given,
            (C, 2).
        distinct: the share of different completions among those of the single bases.
        folds: the number of trainings over which `distinct` is the mean.
    """

    f1: Ranks
    distinct: float
    folds: int = 1

    def __add__(self, other: Finishing) -> Finishing:
        """Combine two folds."""
        folds = self.folds + other.folds
        distinct = (self.folds * self.distinct + other.folds * other.distinct) / folds
        return Finishing(np.concatenate([self.f1, other.f1]), distinct, folds)


def measure_finishing(finish: Finisher, recipes: RecipeMatrix, roles: Roles) -> Finishing:
    """Finish the recipes that have at least three ingredients, and each base alone.

    Drinks that begin with different bases are different, so only what is added is compared.
    """
    columns = [
        _f1(finish(drinks.remaining), drinks.hidden)
        for drinks in (keep_few(recipes, count, SEED) for count in GIVEN)
    ]
    bases = RecipeMatrix.from_rows(
        [[base] for base in np.flatnonzero(roles.base).tolist()], recipes.columns
    )
    added = finish(bases)
    return Finishing(np.stack(columns, axis=1), len(added.distinct()) / max(len(added), 1))


def one_by_one(served: Scorer) -> Finisher:
    """Add the ingredient with the best score until the drink has five ingredients."""

    def finish(drinks: RecipeMatrix) -> RecipeMatrix:
        added: list[list[int]] = [[] for _ in range(len(drinks))]
        for _ in range(LENGTH - int(drinks.sizes.min())):
            scores = served(_joined(drinks, added))
            for row, column in enumerate(scores.argmax(axis=1).tolist()):
                is_short = drinks.sizes[row] + len(added[row]) < LENGTH
                if is_short and scores[row, column] > -np.inf:
                    added[row].append(column)
        return RecipeMatrix.from_rows(added, drinks.columns)

    return finish


def as_a_whole(served: Scorer, train: RecipeMatrix) -> Finisher:
    """Add the ingredients that the service adds, for scores that are weights."""
    distinct = train.distinct()
    completions = Completions(RecipeIndex(distinct.indptr, distinct.indices, train.columns))
    ones = np.ones(train.columns, np.float32)

    def finish(drinks: RecipeMatrix) -> RecipeMatrix:
        weights = np.maximum(served(drinks), 0)
        probabilities = weights / weights.sum(axis=1, keepdims=True)
        chosen = drinks.multi_hot() > 0
        added = [
            completions.choose(drink, row, ones, None).tolist()
            for drink, row in zip(chosen, probabilities, strict=True)
        ]
        return RecipeMatrix.from_rows(added, drinks.columns)

    return finish


def measure_novelty(served: Scorer, cases: Cases, train: RecipeMatrix) -> Ranks:
    """Return for each novelty whether ten suggestions have the hidden one, and their popularity.

    Returns (C, 5, 2): 1 or 0, and the mean rank of the suggestions by frequency.
    """
    frequency = train.frequency()
    places = np.empty(len(frequency))
    places[np.argsort(-frequency, kind="stable")] = np.arange(1, len(frequency) + 1)
    logs = log_frequency(frequency, len(train.distinct()))
    scores = np.maximum(served(cases.remaining), 0)
    figures = []
    for novelty in NOVELTIES:
        best = np.argsort(-scores * np.exp(-novelty * logs), axis=1, kind="stable")
        best = best[:, :SUGGESTIONS]
        hits = (best == cases.hidden[:, None]).any(axis=1)
        figures.append(np.stack([hits, places[best].mean(axis=1)], axis=1))
    return np.stack(figures, axis=1)


def _joined(drinks: RecipeMatrix, added: list[list[int]]) -> RecipeMatrix:
    rows = [[*drinks[row].tolist(), *columns] for row, columns in enumerate(added)]
    return RecipeMatrix.from_rows(rows, drinks.columns)


def _f1(added: RecipeMatrix, hidden: RecipeMatrix) -> Ranks:
    right: Floats = (added.multi_hot() * hidden.multi_hot()).sum(axis=1)
    return np.asarray(2 * right / (added.sizes + hidden.sizes), np.float64)
