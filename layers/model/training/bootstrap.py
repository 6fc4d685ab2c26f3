"""Paired bootstrap: how certain the difference between two models is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from training.metrics import Ranks

RESAMPLES: Final = 2000
SEED: Final = 4
PERCENTILES: Final = (2.5, 97.5)


@dataclass(frozen=True)
class Interval:
    """A mean, and the 95 % interval in which it lies."""

    mean: float
    low: float
    high: float


def paired_intervals(differences: Ranks) -> list[Interval]:
    """Return an interval for each column of the differences between two models on C cases, (C, M).

    The same cases are drawn for all columns. The same number of cases gives the same draws.
    """
    generator = np.random.default_rng(SEED)
    count = len(differences)
    means = [
        differences[generator.integers(count, size=count)].mean(axis=0) for _ in range(RESAMPLES)
    ]
    limits = np.percentile(means, PERCENTILES, axis=0)
    return [
        Interval(*map(float, column))
        for column in zip(differences.mean(axis=0), *limits, strict=True)
    ]
