"""The kind `categorize`: the most probable categories of a drink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suggester.categorize import categorize
from suggester.requests import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.ranker import Ranker
    from suggester.requests import Request


def run(ranker: Ranker, requests: Sequence[Request]) -> list[Listing]:
    """Return the `top_k` most probable categories of each drink."""
    chosen = ranker.masks.multi_hot([request.ingredients for request in requests])
    found = categorize(ranker, chosen, [request.top_k for request in requests])
    return [Listing("categories", tuple(each.to_json() for each in row)) for row in found]
