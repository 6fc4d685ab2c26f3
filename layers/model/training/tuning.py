"""The choice of the linear part, and of beta and weight of the blend with the nearest recipes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.neighbours import Neighbours, blend
from training.metrics import Metrics, Scorer, rank_cases, rank_hidden
from training.plan import MANY_INGREDIENTS, MANY_RECIPES
from training.ridge import RIDGES, co_occurrence, regress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from training.metrics import Ranks
    from training.recipe_matrix import Floats, RecipeMatrix
    from training.split import Cases
    from training.weights import Weights

BETAS: Final = (10.0, 15.0, 20.0, 25.0, 30.0)
WEIGHTS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
# Factors of the regression, whose scores are far smaller than logits.
GAINS: Final = (1.0, 2.5, 5.0, 7.5, 10.0, 15.0)
# With many recipes, less than this is chance, and does not justify V x V more weights.
MIN_GAIN_IN_MRR: Final = 0.002
TUNING_CASES: Final = 2000
MAX_LINEAR: Final = 200  # weights of each ingredient, with many ingredients; most are almost 0


@dataclass(frozen=True)
class Blend:
    """The parameters of a blend, and its metrics on the validation cases.

    Attributes:
        beta: how much more the most similar recipes count in the vote.
        weight: the share of the vote.
        ridge: the ridge of the network's linear part, or 0 without one.
        gain: the factor of the linear part, or 0 without one.
        validation: the metrics.
    """

    beta: float
    weight: float
    validation: Metrics
    ridge: float = 0.0
    gain: float = 0.0


def build_neighbours(recipes: RecipeMatrix, beta: float) -> Neighbours:
    """Build the vote of the distinct recipes."""
    distinct = recipes.distinct()
    return Neighbours(distinct.indptr, distinct.indices, distinct.columns, beta)


def blended_scorer(network: Scorer, neighbours: Neighbours, weight: float) -> Scorer:
    """Return the scorer of the blend of network and nearest recipes."""

    def score(remaining: RecipeMatrix) -> Floats:
        chosen = remaining.multi_hot()
        return blend(network(remaining), neighbours.vote(chosen), chosen, weight)

    return score


def tune(network: Weights, recipes: RecipeMatrix, cases: Cases) -> tuple[Weights, Blend]:
    """Return the network and the blend with the best MRR on at most 2,000 validation cases.

    The network gets a linear part, a ridge regression on the recipes, if that raises the MRR, by
    at least 0.002 with many recipes. Beta is chosen without it.
    """
    cases = cases.first(TUNING_CASES)
    logits = [network.logits(part.remaining) for part in cases.batches()]
    without = _best_blend(logits, recipes, cases, BETAS)
    linear, ridge = fit_linear(recipes, cases)
    best = (network, without)
    for gain in GAINS:
        scaled = np.float32(gain) * linear
        sums = [
            part_logits + part.remaining.multi_hot() @ scaled
            for part_logits, part in zip(logits, cases.batches(), strict=True)
        ]
        found = _best_blend(sums, recipes, cases, (without.beta,))
        if found.validation.mrr > best[1].validation.mrr:
            best = network.with_linear(scaled), replace(found, ridge=ridge, gain=gain)
    gained = best[1].validation.mrr - without.validation.mrr
    least = MIN_GAIN_IN_MRR if len(recipes) >= MANY_RECIPES else 0.0
    return best if gained >= least else (network, without)


def fit_linear(recipes: RecipeMatrix, cases: Cases) -> tuple[Floats, float]:
    """Return the regression (V, V) with the best MRR on the cases, and its ridge.

    With many ingredients, it keeps only the largest weights of each.
    """
    together = co_occurrence(recipes)
    best: tuple[float, Floats, float] = (0.0, np.zeros(together.shape, np.float32), 0.0)
    for ridge in RIDGES:
        weights = regress(together, ridge).astype(np.float32)
        if len(weights) >= MANY_INGREDIENTS:
            weights = keep_largest(weights, MAX_LINEAR)
        ranks = rank_cases(lambda remaining, w=weights: remaining.multi_hot() @ w, cases)
        best = max(best, (Metrics.of(ranks).mrr, weights, ridge), key=lambda found: found[0])
    return best[1:]


def keep_largest(weights: Floats, count: int) -> Floats:
    """Return the weights with all but the `count` largest of each row set to 0, by magnitude."""
    columns = np.argpartition(-np.abs(weights), count - 1, axis=1)[:, :count]
    kept = np.zeros_like(weights)
    np.put_along_axis(kept, columns, np.take_along_axis(weights, columns, axis=1), axis=1)
    return kept


def _best_blend(
    logits: list[Floats], recipes: RecipeMatrix, cases: Cases, betas: Iterable[float]
) -> Blend:
    blends = [
        Blend(beta, weight, metrics)
        for beta in betas
        for weight, metrics in _try_weights(logits, build_neighbours(recipes, beta), cases)
    ]
    return max(blends, key=lambda blend: blend.validation.mrr)


def _try_weights(
    logits: list[Floats], neighbours: Neighbours, cases: Cases
) -> list[tuple[float, Metrics]]:
    ranks: dict[float, list[Ranks]] = {weight: [] for weight in WEIGHTS}
    for part_logits, part in zip(logits, cases.batches(), strict=True):
        chosen = part.remaining.multi_hot()
        vote = neighbours.vote(chosen)
        for weight, parts in ranks.items():
            scores = blend(part_logits, vote, chosen, weight)
            parts.append(rank_hidden(scores, chosen, part.hidden))
    return [(weight, Metrics.of(np.concatenate(parts))) for weight, parts in ranks.items()]
