"""The rank of a hidden ingredient, and the metrics that summarise the answers of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from training.recipe_matrix import Floats, Ints, RecipeMatrix
    from training.split import Cases, Unfinished

FILLING: Final = ("precision", "recall", "ndcg")

Ranks = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Scorer(Protocol):
    """A function that scores every ingredient for each drink; higher is better.

    A score of minus infinity forbids the ingredient.
    """

    def __call__(self, remaining: RecipeMatrix, /) -> Floats:
        """Return (N, V) scores for N drinks."""
        ...


@dataclass(frozen=True)
class Metrics:
    """A summary of ranks, which start at 1.

    Attributes:
        hit1: the share of cases with rank 1.
        hit5: the share of cases with rank 5 or better.
        hit10: the share of cases with rank 10 or better.
        mrr: the mean of 1 / rank.
        mean_rank: the mean rank.
    """

    hit1: float
    hit5: float
    hit10: float
    mrr: float
    mean_rank: float

    @classmethod
    def of(cls, ranks: Ranks) -> Metrics:
        """Summarise ranks (C,); ties give half ranks."""
        hit1, hit5, hit10 = (float(np.mean(ranks <= place)) for place in (1, 5, 10))
        return cls(hit1, hit5, hit10, float(np.mean(1 / ranks)), float(np.mean(ranks)))


def rank_hidden(scores: Floats, chosen: Floats, hidden: Ints) -> Ranks:
    """Rank the hidden ingredient of each drink among those not chosen, (B,) float64.

    The rank is 1 + the number of better scores + half the number of equal ones. It is infinite
    if the score forbids the ingredient.
    """
    target = np.take_along_axis(scores, hidden[:, None], axis=1)
    free = chosen == 0
    better = np.sum((scores > target) & free, axis=1)
    equal = np.sum((scores == target) & free, axis=1) - 1
    return np.where(target[:, 0] == -np.inf, np.inf, 1 + better + equal / 2)


def rank_cases(score: Scorer, cases: Cases) -> Ranks:
    """Rank the hidden ingredient of every case in batches, (C,) float64."""
    parts: list[Ranks] = [np.zeros(0)]
    for part in cases.batches():
        scores = score(part.remaining)
        parts.append(rank_hidden(scores, part.remaining.multi_hot(), part.hidden))
    return np.concatenate(parts)


def measure_filling(score: Scorer, drinks: Unfinished) -> Ranks:
    """Fill every drink with as many ingredients as are hidden: the best ones that it lacks.

    Returns the precision, recall and nDCG of each filling, (C, 3) float64.
    """
    return np.concatenate([_measure(score(part.remaining), part) for part in drinks.batches()])


def _measure(scores: Floats, drinks: Unfinished) -> Ranks:
    scores = np.where(drinks.remaining.multi_hot() > 0, -np.inf, scores)
    wanted = drinks.hidden.sizes[:, None]
    places = np.arange(wanted.max())
    best = np.argsort(-scores, axis=1, kind="stable")[:, : len(places)]
    given = (places < wanted) & (np.take_along_axis(scores, best, axis=1) > -np.inf)
    right = given & (np.take_along_axis(drinks.hidden.multi_hot(), best, axis=1) > 0)
    gains = 1 / np.log2(places + 2)
    hits = right.sum(axis=1)
    precision, recall = hits / np.maximum(given.sum(axis=1), 1), hits / wanted[:, 0]
    return np.stack([precision, recall, right @ gains / ((places < wanted) @ gains)], axis=1)
