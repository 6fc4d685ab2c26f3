"""The kind `next`: the best ingredients to add now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suggester.requests import Answer, Suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.requests import Request
    from suggester.suggester import Suggester


def run(suggester: Suggester, requests: Sequence[Request]) -> list[Answer]:
    """Return the `top_k` best of each request, fewer where the masks allow fewer."""
    chosen = suggester.masks.multi_hot([request.ingredients for request in requests])
    probabilities = suggester.probabilities(chosen, suggester.masks.allowed(requests))
    most = min(max(request.top_k for request in requests), probabilities.shape[1])
    # The order among equals is that of the columns, so that an answer never depends on the batch.
    columns = np.argsort(-probabilities, axis=1, kind="stable")[:, :most]
    values = np.take_along_axis(probabilities, columns, axis=1)
    return [
        _answer(suggester, row_columns[: request.top_k], row_values[: request.top_k])
        for request, row_columns, row_values in zip(
            requests, columns.tolist(), values.tolist(), strict=True
        )
    ]


def _answer(suggester: Suggester, columns: list[int], values: list[float]) -> Answer:
    suggestions = tuple(
        Suggestion(suggester.vocabulary.ingredients[column].id, value)
        for column, value in zip(columns, values, strict=True)
        if value > 0
    )
    return Answer((suggestions[0].ingredient,), suggestions)
