"""The known drinks that support a suggestion, and its share of their vote.

The vote is that of `suggester.neighbours`. The network ranks the suggestions, and the vote counts
with the weight in the model card, which may be 0; the share then still says what the known drinks
contain. V is the number of ingredients, N the number of recipes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.reasons import Because
from suggester.similar import containing, largest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.known_drinks import DrinkName
    from suggester.ranker import Ranker

    Booleans = NDArray[np.bool_]
    Floats = NDArray[np.float32]

SUPPORTERS: Final = 3


def explain(
    ranker: Ranker,
    chosen: Booleans,
    allowed: Booleans,
    excluded: Booleans,
    suggested: Sequence[Sequence[str]],
) -> list[list[Because]]:
    """Return a reason for each suggestion of each drink, in the order of the suggestions.

    A known drink with an excluded ingredient, or without a name, is not named.

    Args:
        ranker: the model.
        chosen: the drinks, (B, V).
        allowed: the ingredients that the filters allow, (B, V).
        excluded: the ingredients that no named drink may contain, (B, V).
        suggested: the ids that `next` suggests for each drink, (B,).
    """
    drinks = chosen.astype(np.float32)
    vote = ranker.neighbours.vote(drinks)
    vote *= ranker.masks.candidates(chosen, allowed)
    totals = vote.sum(axis=1, keepdims=True)
    vote /= np.where(totals > 0, totals, 1)
    index = ranker.vocabulary.index
    columns = [[index[name] for name in names] for names in suggested]
    is_named = ranker.knowledge.drinks.is_named
    reasons: list[list[Because]] = []
    for row, weights in enumerate(ranker.neighbours.weights(drinks)):
        weights[~is_named] = 0
        if excluded[row].any():
            weights[containing(ranker, excluded[row])] = 0
        shares = vote[row, columns[row]].tolist()
        reasons.append(
            [
                Because(share, _supporters(ranker, weights, column))
                for share, column in zip(shares, columns[row], strict=True)
            ]
        )
    return reasons


def _supporters(ranker: Ranker, weights: Floats, column: int) -> tuple[tuple[DrinkName, ...], ...]:
    """Return the names of the drinks with an ingredient whose vote has the largest weights (N,)."""
    holders = ranker.recipes.holders(column)
    voters = holders[weights[holders] > 0]
    best = voters[largest(weights[voters], SUPPORTERS)]
    return tuple(map(ranker.knowledge.drinks.names, best.tolist()))
