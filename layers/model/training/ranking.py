"""Where the ingredient that was taken out stands among all that could come next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from training.sets import Floats, Ints, Sets
    from training.split import Cases

Ranks = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
HIT_PLACES: Final = (1, 5, 10)


class Scorer(Protocol):
    """Give every column a score, higher for better: N sets -> (N, V) float."""

    def __call__(self, remaining: Sets, /) -> Floats:
        """Score N sets."""
        ...


@dataclass(frozen=True)
class Metrics:
    """Summarise ranks: hits are shares of cases, ranks count from 1."""

    hit1: float
    hit5: float
    hit10: float
    mrr: float
    mean_rank: float

    @classmethod
    def of(cls, ranks: Ranks) -> Metrics:
        """Compute the summary of ranks (C,); half ranks come from ties."""
        hit1, hit5, hit10 = (float(np.mean(ranks <= place)) for place in HIT_PLACES)
        return cls(hit1, hit5, hit10, float(np.mean(1 / ranks)), float(np.mean(ranks)))


def rank(scores: Floats, chosen: Floats, hidden: Ints) -> Ranks:
    """Rank the hidden column of each row among the columns not chosen, (B,) float64.

    Rank = 1 + the strictly better + half of those that tie with it.
    """
    target = np.take_along_axis(scores, hidden[:, None], axis=1)
    free = chosen == 0
    better = np.sum((scores > target) & free, axis=1)
    equal = np.sum((scores == target) & free, axis=1) - 1
    return np.asarray(1 + better + equal / 2, np.float64)


def rank_cases(score: Scorer, cases: Cases) -> Ranks:
    """Rank every case under a scorer, a batch at a time, (C,) float64."""
    parts: list[Ranks] = [np.zeros(0)]
    for part in cases.batches():
        scores = score(part.remaining)
        parts.append(rank(scores, part.remaining.multi_hot(), part.hidden))
    return np.concatenate(parts)
