"""The kind `similar`: the known drinks that are most similar to a drink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suggester.requests import Listing
from suggester.similar import find_similar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.ranker import Ranker
    from suggester.requests import Request


def run(ranker: Ranker, requests: Sequence[Request]) -> list[Listing]:
    """Return the `top_k` most similar known drinks, fewer where the filters allow fewer."""
    masks = ranker.masks
    found = find_similar(
        ranker,
        masks.multi_hot([request.ingredients for request in requests]),
        masks.excluded([request.exclude for request in requests]),
        masks.included([request.only for request in requests]),
        [request.top_k for request in requests],
    )
    return [Listing("drinks", tuple(drink.to_json() for drink in row)) for row in found]
