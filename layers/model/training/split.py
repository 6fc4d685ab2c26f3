"""The evaluation protocol: who is held out, and which ingredient each of them loses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from training.errors import DataTooSmall
from training.sets import Ints, Sets

if TYPE_CHECKING:
    from collections.abc import Iterator

SPLIT_SEED = 20261120
TEST_SEED = 1
VALIDATION_SEED = 2
SMALLEST_CASE = 3


@dataclass(frozen=True)
class Cases:
    """Hold drinks that lost one ingredient each: what remains of it, and what was taken (C,)."""

    remaining: Sets
    hidden: Ints

    def __len__(self) -> int:
        return len(self.hidden)

    def batches(self, size: int = 1024) -> Iterator[Cases]:
        """Yield the cases a batch at a time, in order."""
        for start in range(0, len(self), size):
            rows = np.arange(start, min(start + size, len(self)))
            yield Cases(self.remaining.take(rows), self.hidden[rows])

    def first(self, count: int) -> Cases:
        """Keep the first cases, `count` of them at most."""
        return next(self.batches(count), self)


def three_ways(rows: int) -> tuple[Ints, Ints, Ints]:
    """Divide row numbers into train (80 %), validation (10 %) and test (10 %), shuffled."""
    order = np.random.default_rng(SPLIT_SEED).permutation(rows)
    first, second = int(rows * 0.8), int(rows * 0.9)
    return order[:first], order[first:second], order[second:]


def two_ways(rows: int) -> tuple[Ints, Ints]:
    """Divide row numbers into train (90 %) and validation (10 %), shuffled."""
    order = np.random.default_rng(SPLIT_SEED).permutation(rows)
    return order[: int(rows * 0.9)], order[int(rows * 0.9) :]


def folds(rows: int, count: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield (train, test) row numbers of a cross-validation over the same shuffled order."""
    order = np.random.default_rng(SPLIT_SEED).permutation(rows)
    parts = np.array_split(order, count)
    for held_out in range(count):
        others = [part for number, part in enumerate(parts) if number != held_out]
        yield np.concatenate(others), parts[held_out]


def leave_one_out(recipes: Sets, seed: int, at_least: int = 1) -> Cases:
    """Take one random ingredient from every recipe that has at least three.

    Each recipe's members are ascending by column, and columns follow the names' order, so
    the draw is an index into the ingredients sorted by name, as the protocol asks. Where
    that gives fewer than `at_least` cases, go round again.

    Raises:
        DataTooSmall: no recipe has three ingredients.
    """
    usable = int(np.sum(recipes.sizes >= SMALLEST_CASE))
    if not usable:
        raise DataTooSmall("No recipe that was held out has three ingredients; add recipes.")
    passes = -(-at_least // usable)
    generator = np.random.default_rng(seed)
    remaining: list[list[int]] = []
    hidden: list[int] = []
    for _ in range(passes):
        for row in range(len(recipes)):
            members = recipes[row].tolist()
            if len(members) >= SMALLEST_CASE:
                hidden.append(members.pop(int(generator.integers(len(members)))))
                remaining.append(members)
    return Cases(Sets.of(remaining, recipes.columns), np.array(hidden, np.int64))
