"""How much say the nearest recipes get beside the network, and how near is near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.neighbours import Neighbours, mix
from training.ranking import Metrics, Scorer, rank

if TYPE_CHECKING:
    from training.ranking import Ranks
    from training.sets import Floats, Sets
    from training.split import Cases

BETAS: Final = (10.0, 15.0, 20.0, 25.0, 30.0)
WEIGHTS: Final = (0.1, 0.2, 0.3, 0.4, 0.5)
ENOUGH_CASES: Final = 2000


@dataclass(frozen=True)
class Blend:
    """Hold beta and weight of the neighbours, and what the mix reached on validation."""

    beta: float
    weight: float
    validation: Metrics


def neighbours_of(recipes: Sets, beta: float) -> Neighbours:
    """Make a voter of the distinct recipes."""
    distinct = recipes.distinct()
    return Neighbours(distinct.indptr, distinct.indices, distinct.columns, beta)


def mixed(network: Scorer, neighbours: Neighbours, weight: float) -> Scorer:
    """Make the scorer that is served: the network mixed with the vote of the nearest."""

    def score(remaining: Sets) -> Floats:
        chosen = remaining.multi_hot()
        return mix(network(remaining), neighbours.vote(chosen), chosen, weight)

    return score


def tune(network: Scorer, recipes: Sets, cases: Cases) -> Blend:
    """Choose beta and weight by the MRR on at most 2,000 validation cases."""
    cases = cases.first(ENOUGH_CASES)
    logits = [network(part.remaining) for part in cases.batches()]
    blends = [
        Blend(beta, weight, metrics)
        for beta in BETAS
        for weight, metrics in _weigh(logits, neighbours_of(recipes, beta), cases)
    ]
    return max(blends, key=lambda blend: blend.validation.mrr)


def _weigh(
    logits: list[Floats], neighbours: Neighbours, cases: Cases
) -> list[tuple[float, Metrics]]:
    ranks: dict[float, list[Ranks]] = {weight: [] for weight in WEIGHTS}
    for given, part in zip(logits, cases.batches(), strict=True):
        chosen = part.remaining.multi_hot()
        vote = neighbours.vote(chosen)
        for weight, parts in ranks.items():
            parts.append(rank(mix(given, vote, chosen, weight), chosen, part.hidden))
    return [(weight, Metrics.of(np.concatenate(parts))) for weight, parts in ranks.items()]
