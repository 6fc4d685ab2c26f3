"""Simple models to compare with the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.metrics import Metrics, Scorer, rank_cases
from training.ridge import RIDGES, co_occurrence, regress
from training.tuning import TUNING_CASES, build_neighbours

if TYPE_CHECKING:
    from collections.abc import Iterable

    from training.recipe_matrix import Floats, RecipeMatrix
    from training.ridge import Doubles
    from training.split import Cases

SIMILAR_ITEMS: Final = 200
PMI_SHARE: Final = 0.5
PMI_SMOOTHING: Final = 5.0
EASE_RIDGE: Final = 30.0
DROPOUTS: Final = (0.05, 0.1, 0.25, 0.5)
NEAREST_BETAS: Final = (2.0, 5.0, 7.0, 10.0, 13.0, 16.0, 20.0, 25.0, 30.0, 40.0, 50.0)


@dataclass(frozen=True)
class Candidate:
    """A trained model.

    Attributes:
        score: the scores of the ingredients.
        parameters: the number of parameters that it keeps.
        embedding: the vectors of the ingredients' roles, or None.
    """

    score: Scorer
    parameters: int
    embedding: Floats | None = None


def popularity(train: RecipeMatrix, _: Cases) -> Candidate:
    """Score each ingredient by its frequency, whatever the drink."""
    frequency = train.frequency().astype(np.float32)
    return Candidate(
        lambda remaining: np.broadcast_to(frequency, (len(remaining), train.columns)),
        train.columns,
    )


def cosine(train: RecipeMatrix, _: Cases) -> Candidate:
    """Sum the cosine similarities to the drink's ingredients, with 200 neighbours for each."""
    together = co_occurrence(train)
    norm = np.sqrt(np.maximum(np.diag(together), 1))
    similarity = together / np.outer(norm, norm)
    np.fill_diagonal(similarity, 0)
    if train.columns > SIMILAR_ITEMS:
        least = np.partition(similarity, -SIMILAR_ITEMS, axis=1)[:, -SIMILAR_ITEMS, None]
        similarity[similarity < least] = 0
    return _linear(similarity)


def pmi(train: RecipeMatrix, _: Cases) -> Candidate:
    """Add half the pointwise mutual information with each ingredient to the log popularity."""
    together = co_occurrence(train)
    frequency = np.maximum(np.diag(together), 1)
    expected = np.outer(frequency, frequency) / len(train)
    gain = PMI_SHARE * np.log((together + PMI_SMOOTHING) / (expected + PMI_SMOOTHING))
    np.fill_diagonal(gain, 0)
    return _linear(gain, np.log(frequency))


def ease(train: RecipeMatrix, _: Cases) -> Candidate:
    """Regress every ingredient on all others in closed form (Steck, WWW 2019), with ridge 30."""
    return _ridge_regression(co_occurrence(train), EASE_RIDGE)


def ease_tuned(train: RecipeMatrix, validation: Cases) -> Candidate:
    """Train EASE with the ridge of the best validation MRR."""
    together = co_occurrence(train)
    return _best((_ridge_regression(together, ridge) for ridge in RIDGES), validation)


def edlae(train: RecipeMatrix, validation: Cases) -> Candidate:
    """Train EASE with dropout on its input, in closed form (EDLAE: Steck, NeurIPS 2020).

    Dropout p adds p / (1 - p) times its frequency to the ridge of an ingredient. Dropout and
    ridge are those of the best validation MRR.
    """
    together = co_occurrence(train)
    ridges = (
        dropout / (1 - dropout) * np.diag(together) + ridge
        for dropout in DROPOUTS
        for ridge in RIDGES
    )
    return _best((_ridge_regression(together, ridge) for ridge in ridges), validation)


def nearest(train: RecipeMatrix, validation: Cases) -> Candidate:
    """Score by the vote of the nearest recipes, with the beta of the best validation MRR."""
    return _best((_vote(train, beta) for beta in NEAREST_BETAS), validation)


def _best(candidates: Iterable[Candidate], validation: Cases) -> Candidate:
    """Return the candidate with the best MRR on at most 2,000 validation cases."""
    cases = validation.first(TUNING_CASES)
    return max(candidates, key=lambda model: Metrics.of(rank_cases(model.score, cases)).mrr)


def _ridge_regression(together: Doubles, ridge: Doubles | float) -> Candidate:
    return _linear(regress(together, ridge))


def _vote(train: RecipeMatrix, beta: float) -> Candidate:
    neighbours = build_neighbours(train, beta)
    return Candidate(
        lambda remaining: neighbours.vote(remaining.multi_hot()), len(train.distinct().indices)
    )


def _linear(weights: np.ndarray, bias: np.ndarray | float = 0.0) -> Candidate:
    matrix, offset = weights.astype(np.float32), np.asarray(bias, np.float32)

    def score(remaining: RecipeMatrix) -> Floats:
        return remaining.multi_hot() @ matrix + offset

    return Candidate(score, matrix.size + (offset.size if offset.ndim else 0))
