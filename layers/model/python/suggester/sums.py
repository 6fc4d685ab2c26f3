"""Sums of rows by group: a sparse matrix of ones times a dense one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    Ints = NDArray[np.int64]

FAN_IN = 16
TERMS_AT_ONCE = 1 << 18  # a megabyte of float32, which stays in a processor's cache


class Scratch:
    """Arrays whose memory is kept from call to call.

    Fresh pages, which the system clears first, would cost more time than what is done in them.
    """

    def __init__(self) -> None:
        self._kept: dict[object, NDArray[Any]] = {}

    def empty(self, name: object, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an array of anything in the memory of that name, which has always one dtype."""
        size = math.prod(shape)
        kept = self._kept.get(name)
        if kept is None or kept.size < size:
            kept = self._kept[name] = np.empty(size, dtype)
        return kept[:size].reshape(shape)


class GroupSums:
    """Add up the rows of each of G groups, in a tree: up to 16 rows make one of the next level.

    So each addition is one of long rows, which is what a processor does fastest, and errors of
    rounding stay small however large a group is.
    """

    def __init__(self, sizes: Ints, members: Ints, rows: int) -> None:
        """Plan for groups of these sizes (G,), whose members follow one another, in 0..rows-1."""
        self._scratch = Scratch()
        self._levels: list[Ints] = []
        while True:
            fan_in = int(np.clip(sizes.max(initial=0), 1, FAN_IN))
            parts = np.maximum(-(-sizes // fan_in), 1)
            self._levels.append(_level(fan_in, sizes, parts, members, rows))
            if (parts == 1).all():
                return
            rows = int(parts.sum())
            sizes, members = parts, np.arange(rows)

    @property
    def rows(self) -> int:
        """Count the sums on all levels."""
        return sum(level.shape[1] for level in self._levels)

    def __call__(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return (G, B) sums of values (rows + 1, B), whose last row must be zero.

        They are good until the next call.
        """
        for number, level in enumerate(self._levels):
            shape = (level.shape[1] + 1, values.shape[1])
            sums = self._scratch.empty(number, shape, values.dtype)
            sums[-1] = 0
            self._add(values, level, sums[:-1])
            values = sums
        return values[:-1]

    def _add(self, values: NDArray[Any], level: Ints, sums: NDArray[Any]) -> None:
        columns = values.shape[1]
        step = max(1, TERMS_AT_ONCE // (len(level) * columns))
        for start in range(0, len(sums), step):
            members = level[:, start : start + step]
            terms = self._scratch.empty("terms", (*members.shape, columns), values.dtype)
            # The mode spares a check of each index, and a copy of what is taken.
            np.take(values, members, axis=0, out=terms, mode="clip")
            np.add.reduce(terms, axis=0, out=sums[start : start + step])


def _level(fan_in: int, sizes: Ints, parts: Ints, members: Ints, nothing: int) -> Ints:
    """Return (fan_in, sum of parts): the rows that each part adds up, filled with `nothing`."""
    level = np.full((fan_in, int(parts.sum())), nothing)
    place = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    first = np.repeat(np.cumsum(parts) - parts, sizes)
    level[place % fan_in, first + place // fan_in] = members
    return level
