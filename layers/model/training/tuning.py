"""The choice of beta and weight for the blend of network and nearest recipes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.neighbours import Neighbours, blend
from training.metrics import Metrics, Scorer, rank_hidden

if TYPE_CHECKING:
    from training.metrics import Ranks
    from training.recipe_matrix import Floats, RecipeMatrix
    from training.split import Cases

BETAS: Final = (10.0, 15.0, 20.0, 25.0, 30.0)
WEIGHTS: Final = (0.1, 0.2, 0.3, 0.4, 0.5)
TUNING_CASES: Final = 2000


@dataclass(frozen=True)
class Blend:
    """The parameters of a blend, and its metrics on the validation cases."""

    beta: float
    weight: float
    validation: Metrics


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


def tune(network: Scorer, recipes: RecipeMatrix, cases: Cases) -> Blend:
    """Return the blend with the best MRR on at most 2,000 validation cases."""
    cases = cases.first(TUNING_CASES)
    logits = [network(part.remaining) for part in cases.batches()]
    blends = [
        Blend(beta, weight, metrics)
        for beta in BETAS
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
