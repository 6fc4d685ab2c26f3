"""The kind `substitute`: what could replace an ingredient of a drink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suggester.errors import RequestInvalid
from suggester.requests import Listing
from suggester.substitute import substitute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.ranker import Ranker
    from suggester.requests import Request


def run(ranker: Ranker, requests: Sequence[Request]) -> list[Listing]:
    """Return the `top_k` best substitutes, fewer where the masks allow fewer."""
    if any(request.ingredient not in request.ingredients for request in requests):
        raise RequestInvalid("The ingredient to replace is not in the drink.")
    chosen, allowed = ranker.masks.encode(requests)
    index = ranker.vocabulary.index
    found = substitute(
        ranker,
        chosen,
        np.array([index[request.ingredient or ""] for request in requests]),
        allowed,
        np.array([request.novelty for request in requests], np.float32),
        [request.top_k for request in requests],
    )
    return [Listing("suggestions", tuple(each.to_json() for each in row)) for row in found]
