"""A small model that knows drinks with names and categories, on the vocabulary of the fakes."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from suggester.knowledge import CATEGORIES, EMBEDDING, Knowledge
from suggester.known_drinks import FILE
from tests.fakes import SMALL_VOCABULARY, small_ranker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.ranker import Ranker
    from tests.fakes import FakeEngine

# 0 milk, 1 water, 2 orange juice, 3 strawberry, 4 sugar, 5 ginger
RECIPES: Final = ((0, 3), (0, 3, 4), (1, 5), (1, 4, 5), (0, 4), (2, 5))
NAMES: Final = (
    ["Pink Milk", "Розовое молоко", 0, "Berry Milk", "", 0],
    ["Sweet Pink Milk", "", 0],
    ["Ginger Water", "", 1],
    ["Ginger Ale", "", 1],
    ["Sweet Milk", "", 0],
    ["Orange Ginger", "", 1],
)
BY_NAME: Final = {  # the ids in each drink
    row[cell]: {SMALL_VOCABULARY.ingredients[column].id for column in columns}
    for row, columns in zip(NAMES, RECIPES, strict=True)
    for cell in range(0, len(row), 3)
}


def knowledge_of(
    names: Sequence[Sequence[Any]] = NAMES, *, categories: bool = True, embedding: Any = None
) -> Knowledge:
    """Return what the small model knows; milk is creamy, and all else is fresh."""
    files = {FILE: json.dumps({"categories": ["creamy", "fresh"], "drinks": names}).encode()}
    columns = len(SMALL_VOCABULARY)
    if categories:
        weights = np.zeros((columns, 2), np.float16)
        weights[:, 1], weights[0] = 1, (5, 0)
        files[CATEGORIES] = npz(weights=weights, bias=np.log([0.25, 0.75]).astype(np.float16))
    if embedding is not None:
        files[EMBEDDING] = npz(embedding=np.asarray(embedding, np.float16))
    return Knowledge(files, len(names), columns)


def npz(**arrays: Any) -> bytes:
    """Return the content of an .npz file."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def knowing_ranker(engine: FakeEngine | None = None, knowledge: Knowledge | None = None) -> Ranker:
    """Return the ranker of the small model."""
    return small_ranker(engine, recipes=RECIPES, knowledge=knowledge or knowledge_of())
