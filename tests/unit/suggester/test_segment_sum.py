"""Segment sums equal plain sums for segments of any size and any number of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from suggester import segment_sum
from suggester.segment_sum import SegmentSum

if TYPE_CHECKING:
    import pytest

ROWS = 20
SEGMENTS = st.lists(st.lists(st.integers(0, ROWS - 1), max_size=80), min_size=1, max_size=6)


def segment_sum_of(segments: list[list[int]]) -> SegmentSum:
    sizes = np.array([len(segment) for segment in segments], np.int64)
    members = np.array([row for segment in segments for row in segment], np.int64)
    return SegmentSum(sizes, members, ROWS)


def values_of(columns: int, seed: int = 1) -> np.ndarray:
    """Return (ROWS + 1, columns) random values whose last row is zero."""
    values = np.random.default_rng(seed).random((ROWS + 1, columns), np.float32)
    values[-1] = 0
    return values


@settings(deadline=None)
@given(SEGMENTS, st.integers(1, 9))
def test_a_sum_equals_a_plain_loop(segments: list[list[int]], columns: int) -> None:
    """Empty segments, single rows and segments of several levels are summed correctly."""
    values = values_of(columns)
    expected = [values[segment].sum(axis=0) for segment in segments]
    np.testing.assert_allclose(segment_sum_of(segments)(values), expected, rtol=1e-5)


@settings(deadline=None)
@given(SEGMENTS)
def test_the_number_of_columns_changes_no_sum(segments: list[list[int]]) -> None:
    """A column has the same sums alone, apart from rounding."""
    values, total = values_of(40), segment_sum_of(segments)
    together = total(values).copy()
    for column in range(0, 40, 13):
        alone = total(np.ascontiguousarray(values[:, column : column + 1]))
        np.testing.assert_allclose(alone[:, 0], together[:, column], rtol=1e-6)


def test_the_number_of_terms_in_a_pass_changes_no_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passes of a single term give the same sums."""
    generator = np.random.default_rng(2)
    segments = [generator.integers(0, ROWS, size).tolist() for size in (300, 0, 17, 16, 1)]
    one_pass = segment_sum_of(segments)(values_of(7))
    monkeypatch.setattr(segment_sum, "MAX_TERMS", 1)
    np.testing.assert_allclose(segment_sum_of(segments)(values_of(7)), one_pass, rtol=1e-6)
