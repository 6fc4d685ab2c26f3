"""Sums over segments of rows: the product of a sparse 0/1 matrix and a dense matrix."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    Ints = NDArray[np.int64]

FAN_IN: Final = 16
MAX_TERMS: Final = 1 << 18  # one megabyte of float32, which fits in a processor's cache


class BufferPool:
    """Memory that is reused from one call to the next.

    The operating system clears every new page, which takes longer than the arithmetic here.
    """

    def __init__(self) -> None:
        self._buffers: dict[object, NDArray[Any]] = {}

    def empty(self, name: object, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an uninitialised array in the named buffer, whose dtype must not change."""
        size = math.prod(shape)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.size < size:
            buffer = self._buffers[name] = np.empty(size, dtype)
        return buffer[:size].reshape(shape)


class SegmentSum:
    """Sums the rows of each of S segments, as a tree in which up to 16 rows form one new row.

    Every addition is then one of long rows, which a processor does fastest, and rounding errors
    stay small in segments of any size.
    """

    def __init__(self, sizes: Ints, members: Ints, rows: int) -> None:
        """Prepare for segments of these sizes, (S,).

        `members` lists the rows of the first segment, then those of the second, and so on; each
        is in 0..rows-1.
        """
        self._buffers = BufferPool()
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
        """The number of sums on all levels of the tree."""
        return sum(level.shape[1] for level in self._levels)

    def __call__(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return (S, B) sums of values (rows + 1, B), whose last row must be zero.

        The next call overwrites the result.
        """
        for number, level in enumerate(self._levels):
            shape = (level.shape[1] + 1, values.shape[1])
            sums = self._buffers.empty(number, shape, values.dtype)
            sums[-1] = 0
            self._add(values, level, sums[:-1])
            values = sums
        return values[:-1]

    def _add(self, values: NDArray[Any], level: Ints, sums: NDArray[Any]) -> None:
        columns = values.shape[1]
        step = max(1, MAX_TERMS // (len(level) * columns))
        for start in range(0, len(sums), step):
            members = level[:, start : start + step]
            terms = self._buffers.empty("terms", (*members.shape, columns), values.dtype)
            # mode="clip" avoids a bounds check for each index and a copy of the result.
            np.take(values, members, axis=0, out=terms, mode="clip")
            np.add.reduce(terms, axis=0, out=sums[start : start + step])


def _level(fan_in: int, sizes: Ints, parts: Ints, members: Ints, zero_row: int) -> Ints:
    """Return (fan_in, sum of parts): the rows that form each sum, padded with the zero row."""
    level = np.full((fan_in, int(parts.sum())), zero_row)
    offsets = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    first = np.repeat(np.cumsum(parts) - parts, sizes)
    level[offsets % fan_in, first + offsets // fan_in] = members
    return level
