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
THIRD_SEED: Final = 3
MIN_INGREDIENTS: Final = 3
MANY_RECIPES: Final = 5000
FOLDS: Final = 5


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


@dataclass(frozen=True)
class Unfinished:
    """C drinks without a third of their ingredients: the remaining and the hidden ones."""

    remaining: RecipeMatrix
    hidden: RecipeMatrix

    def __len__(self) -> int:
        return len(self.hidden)

    def batches(self, size: int = 1024) -> Iterator[Unfinished]:
        """Yield the drinks in batches, in order."""
        for start in range(0, len(self), size):
            rows = np.arange(start, min(start + size, len(self)))
            yield Unfinished(self.remaining.take(rows), self.hidden.take(rows))


def split_three_ways(rows: int) -> tuple[Ints, Ints, Ints]:
    """Shuffle and divide row numbers into train (80 %), validation (10 %) and test (10 %)."""
    order = np.random.default_rng(SPLIT_SEED).permutation(rows)
    first, second = int(rows * 0.8), int(rows * 0.9)
    return order[:first], order[first:second], order[second:]


def split_two_ways(rows: int) -> tuple[Ints, Ints]:
    """Shuffle and divide row numbers into train (90 %) and validation (10 %)."""
    order = np.random.default_rng(SPLIT_SEED).permutation(rows)
    return order[: int(rows * 0.9)], order[int(rows * 0.9) :]


def choose_folds(rows: int) -> int:
    """Return 1, a single split, where a tenth of the rows gives enough cases, and otherwise 5."""
    return 1 if rows >= MANY_RECIPES else FOLDS


def cross_validation(rows: int, count: int) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Shuffle the rows and yield `count` divisions into train, validation and test.

    Each row is in one test part, and a tenth of the other rows is for validation. One fold is the
    split in three parts.
    """
    if count == 1:
        yield split_three_ways(rows)
        return
    parts = np.array_split(np.random.default_rng(SPLIT_SEED).permutation(rows), count)
    for held_out, test in enumerate(parts):
        rest = np.concatenate([part for number, part in enumerate(parts) if number != held_out])
        tenth = len(rest) // 10
        yield rest[tenth:], rest[:tenth], test


def leave_one_out(recipes: RecipeMatrix, seed: int, at_least: int = 1) -> Cases:
    """Hide one random ingredient of every recipe that has at least three.

    Columns are in the order of the ingredients' ids, so the random index is one into the
    recipe's ingredients sorted by id, as the protocol requires. If one pass over the recipes
    gives fewer than `at_least` cases, more passes follow.

    Raises:
        DataTooSmall: no recipe has three ingredients.
    """
    rows = _usable(recipes).tolist()
    generator = np.random.default_rng(seed)
    remaining: list[list[int]] = []
    hidden: list[int] = []
    for row in rows * -(-at_least // len(rows)):
        members = recipes[row].tolist()
        hidden.append(members.pop(int(generator.integers(len(members)))))
        remaining.append(members)
    return Cases(RecipeMatrix.from_rows(remaining, recipes.columns), np.array(hidden, np.int64))


def hide_third(recipes: RecipeMatrix, seed: int) -> Unfinished:
    """Hide a random third of every recipe that has at least three ingredients.

    The number of hidden ingredients is rounded: one of 3 or 4, two of 5 to 7.

    Raises:
        DataTooSmall: no recipe has three ingredients.
    """
    generator = np.random.default_rng(seed)
    usable = recipes.take(_usable(recipes))
    remaining: list[list[int]] = []
    hidden: list[list[int]] = []
    for row in range(len(usable)):
        members = generator.permutation(usable[row]).tolist()
        third = (len(members) + 1) // 3
        hidden.append(members[:third])
        remaining.append(members[third:])
    columns = recipes.columns
    return Unfinished(
        RecipeMatrix.from_rows(remaining, columns), RecipeMatrix.from_rows(hidden, columns)
    )


def keep_few(recipes: RecipeMatrix, count: int, seed: int) -> Unfinished:
    """Keep `count` random ingredients of every recipe that has at least three, and hide the rest.

    Raises:
        DataTooSmall: no recipe has three ingredients.
    """
    generator = np.random.default_rng(seed)
    usable = recipes.take(_usable(recipes))
    shuffled = [generator.permutation(usable[row]).tolist() for row in range(len(usable))]
    kept, hidden = zip(*((row[:count], row[count:]) for row in shuffled), strict=True)
    columns = recipes.columns
    return Unfinished(
        RecipeMatrix.from_rows(kept, columns), RecipeMatrix.from_rows(hidden, columns)
    )


def _usable(recipes: RecipeMatrix) -> Ints:
    """Return the rows of the recipes that have at least three ingredients.

    Raises:
        DataTooSmall: there is none.
    """
    rows = np.flatnonzero(recipes.sizes >= MIN_INGREDIENTS)
    if not rows.size:
        raise DataTooSmall("No held-out recipe has three ingredients; add recipes.")
    return rows
