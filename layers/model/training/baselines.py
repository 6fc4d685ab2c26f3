"""Simple models to compare with the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.metrics import Metrics, Scorer, rank_cases
from training.tuning import BETAS, TUNING_CASES, build_neighbours

if TYPE_CHECKING:
    from training.recipe_matrix import Floats, RecipeMatrix
    from training.split import Cases

SIMILAR_ITEMS: Final = 200
PMI_SHARE: Final = 0.5
PMI_SMOOTHING: Final = 5.0
EASE_RIDGE: Final = 30.0
BATCH: Final = 4096


@dataclass(frozen=True)
class Candidate:
    """A trained model, and the number of parameters that it keeps."""

    score: Scorer
    parameters: int


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
    gram = co_occurrence(train)
    gram[np.diag_indices_from(gram)] += EASE_RIDGE
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return _linear(weights)


def nearest(train: RecipeMatrix, validation: Cases) -> Candidate:
    """Score by the vote of the nearest recipes, with the beta of the best validation MRR."""
    cases = validation.first(TUNING_CASES)
    neighbours = [build_neighbours(train, beta) for beta in BETAS]
    scorers: list[Scorer] = [
        lambda remaining, voter=voter: voter.vote(remaining.multi_hot()) for voter in neighbours
    ]
    best = max(scorers, key=lambda score: Metrics.of(rank_cases(score, cases)).mrr)
    return Candidate(best, len(train.distinct().indices))


def co_occurrence(recipes: RecipeMatrix) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Count the recipes that contain both of two ingredients, (V, V) float64."""
    together = np.zeros((recipes.columns, recipes.columns))
    for start in range(0, len(recipes), BATCH):
        rows = np.arange(start, min(start + BATCH, len(recipes)))
        dense = recipes.take(rows).multi_hot()
        together += dense.T @ dense
    return together


def _linear(weights: np.ndarray, bias: np.ndarray | float = 0.0) -> Candidate:
    matrix, offset = weights.astype(np.float32), np.asarray(bias, np.float32)

    def score(remaining: RecipeMatrix) -> Floats:
        return remaining.multi_hot() @ matrix + offset

    return Candidate(score, matrix.size + (offset.size if offset.ndim else 0))
