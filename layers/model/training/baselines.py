"""Simple models to be laid beside the network: each learns from sets and scores sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.blend import BETAS, ENOUGH_CASES, neighbours_of
from training.ranking import Metrics, Scorer, rank_cases

if TYPE_CHECKING:
    from training.sets import Floats, Sets
    from training.split import Cases

NEIGHBOUR_ITEMS: Final = 200
PMI_SHARE: Final = 0.5
PMI_SMOOTHING: Final = 5.0
EASE_RIDGE: Final = 30.0
ROWS_AT_ONCE: Final = 4096


@dataclass(frozen=True)
class Contender:
    """Hold a trained model and how many numbers it keeps to do what it does."""

    score: Scorer
    parameters: int


def popularity(train: Sets, _: Cases) -> Contender:
    """Score by frequency, whatever the drink."""
    frequency = train.frequency().astype(np.float32)
    return Contender(
        lambda remaining: np.broadcast_to(frequency, (len(remaining), train.columns)),
        train.columns,
    )


def cosine(train: Sets, _: Cases) -> Contender:
    """Sum the cosines of items to those in the drink, each item's 200 nearest counting."""
    together = co_occurrence(train)
    norm = np.sqrt(np.maximum(np.diag(together), 1))
    similar = together / np.outer(norm, norm)
    np.fill_diagonal(similar, 0)
    if train.columns > NEIGHBOUR_ITEMS:
        least = np.partition(similar, -NEIGHBOUR_ITEMS, axis=1)[:, -NEIGHBOUR_ITEMS, None]
        similar[similar < least] = 0
    return _linear(similar)


def pmi(train: Sets, _: Cases) -> Contender:
    """Add half the pointwise mutual information with each ingredient to the log popularity."""
    together = co_occurrence(train)
    frequency = np.maximum(np.diag(together), 1)
    expected = np.outer(frequency, frequency) / len(train)
    gain = PMI_SHARE * np.log((together + PMI_SMOOTHING) / (expected + PMI_SMOOTHING))
    np.fill_diagonal(gain, 0)
    return _linear(gain, np.log(frequency))


def ease(train: Sets, _: Cases) -> Contender:
    """Regress every item on all others in closed form (Steck, WWW 2019), ridge 30."""
    gram = co_occurrence(train)
    gram[np.diag_indices_from(gram)] += EASE_RIDGE
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return _linear(weights)


def nearest(train: Sets, validation: Cases) -> Contender:
    """Let the nearest recipes vote, their reach chosen by the validation MRR."""
    cases = validation.first(ENOUGH_CASES)
    voters = [neighbours_of(train, beta) for beta in BETAS]
    scorers: list[Scorer] = [
        lambda remaining, voter=voter: voter.vote(remaining.multi_hot()) for voter in voters
    ]
    best = max(scorers, key=lambda score: Metrics.of(rank_cases(score, cases)).mrr)
    return Contender(best, len(train.distinct().indices))


def co_occurrence(recipes: Sets) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Count the recipes that hold both of two columns, (V, V) float64."""
    together = np.zeros((recipes.columns, recipes.columns))
    for start in range(0, len(recipes), ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(recipes)))
        dense = recipes.take(rows).multi_hot()
        together += dense.T @ dense
    return together


def _linear(weights: np.ndarray, bias: np.ndarray | float = 0.0) -> Contender:
    matrix, offset = weights.astype(np.float32), np.asarray(bias, np.float32)

    def score(remaining: Sets) -> Floats:
        return remaining.multi_hot() @ matrix + offset

    return Contender(score, matrix.size + (offset.size if offset.ndim else 0))
