"""The evaluation protocol: which recipes are held out, and which ingredient each one loses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.errors import DataTooSmall
from training.recipe_matrix import Ints, RecipeMatrix

if TYPE_CHECKING:
    from collections.abc import Iterator

SPLIT_SEED: Final = 20261120
TEST_SEED: Final = 1
VALIDATION_SEED: Final = 2
MIN_INGREDIENTS: Final = 3


@dataclass(frozen=True)
class Cases:
    """C drinks without one ingredient each: the remaining ingredients, and the hidden one (C,)."""

    remaining: RecipeMatrix
    hidden: Ints

    def __len__(self) -> int:
        return len(self.hidden)

    def batches(self, size: int = 1024) -> Iterator[Cases]:
        """Yield the cases in batches, in order."""
        for start in range(0, len(self), size):
            rows = np.arange(start, min(start + size, len(self)))
            yield Cases(self.remaining.take(rows), self.hidden[rows])

    def first(self, count: int) -> Cases:
        """Return at most the first `count` cases."""
        return next(self.batches(count), self)


def split_three_ways(rows: int) -> tuple[Ints, Ints, Ints]:
    """Shuffle and divide row numbers into train (80 %), validation (10 %) and test (10 %)."""
    order = np.random.default_rng(SPLIT_SEED).permutation(rows)
    first, second = int(rows * 0.8), int(rows * 0.9)
    return order[:first], order[first:second], order[second:]


def split_two_ways(rows: int) -> tuple[Ints, Ints]:
    """Shuffle and divide row numbers into train (90 %) and validation (10 %)."""
    order = np.random.default_rng(SPLIT_SEED).permutation(rows)
    return order[: int(rows * 0.9)], order[int(rows * 0.9) :]


def folds(rows: int, count: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield the (train, test) row numbers of a cross-validation, shuffled in the same order."""
    order = np.random.default_rng(SPLIT_SEED).permutation(rows)
    parts = np.array_split(order, count)
    for held_out in range(count):
        others = [part for number, part in enumerate(parts) if number != held_out]
        yield np.concatenate(others), parts[held_out]


def leave_one_out(recipes: RecipeMatrix, seed: int, at_least: int = 1) -> Cases:
    """Hide one random ingredient of every recipe that has at least three.

    Columns are in the order of the ingredients' ids, so the random index is one into the
    recipe's ingredients sorted by id, as the protocol requires. If one pass over the recipes
    gives fewer than `at_least` cases, more passes follow.

    Raises:
        DataTooSmall: no recipe has three ingredients.
    """
    usable = int(np.sum(recipes.sizes >= MIN_INGREDIENTS))
    if not usable:
        raise DataTooSmall("No held-out recipe has three ingredients; add recipes.")
    passes = -(-at_least // usable)
    generator = np.random.default_rng(seed)
    remaining: list[list[int]] = []
    hidden: list[int] = []
    for _ in range(passes):
        for row in range(len(recipes)):
            members = recipes[row].tolist()
            if len(members) >= MIN_INGREDIENTS:
                hidden.append(members.pop(int(generator.integers(len(members)))))
                remaining.append(members)
    return Cases(RecipeMatrix.from_rows(remaining, recipes.columns), np.array(hidden, np.int64))
