"""Sums by group are plain sums, whatever the sizes of the groups and the number of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from suggester import sums
from suggester.sums import GroupSums

if TYPE_CHECKING:
    import pytest

ROWS = 20
GROUPS = st.lists(st.lists(st.integers(0, ROWS - 1), max_size=80), min_size=1, max_size=6)


def sums_of(groups: list[list[int]]) -> GroupSums:
    sizes = np.array([len(group) for group in groups], np.int64)
    return GroupSums(sizes, np.array([row for group in groups for row in group], np.int64), ROWS)


def values_of(columns: int, seed: int = 1) -> np.ndarray:
    """Return (ROWS + 1, columns) random values, the last row zero."""
    values = np.random.default_rng(seed).random((ROWS + 1, columns), np.float32)
    values[-1] = 0
    return values


@settings(deadline=None)
@given(GROUPS, st.integers(1, 9))
def test_a_sum_is_that_of_a_plain_loop(groups: list[list[int]], columns: int) -> None:
    """Empty groups, groups of one and groups of several levels are added up."""
    values = values_of(columns)
    expected = [values[group].sum(axis=0) for group in groups]
    np.testing.assert_allclose(sums_of(groups)(values), expected, rtol=1e-5)


@settings(deadline=None)
@given(GROUPS)
def test_a_column_has_the_same_sums_alone(groups: list[list[int]]) -> None:
    """How many columns there are changes no sum by more than its rounding."""
    values, total = values_of(40), sums_of(groups)
    together = total(values).copy()
    for column in range(0, 40, 13):
        alone = total(np.ascontiguousarray(values[:, column : column + 1]))
        np.testing.assert_allclose(alone[:, 0], together[:, column], rtol=1e-6)


def test_sums_do_not_depend_on_how_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few terms are taken at once, the sums are the same."""
    generator = np.random.default_rng(2)
    groups = [generator.integers(0, ROWS, size).tolist() for size in (300, 0, 17, 16, 1)]
    at_once = sums_of(groups)(values_of(7))
    monkeypatch.setattr(sums, "TERMS_AT_ONCE", 1)
    np.testing.assert_allclose(sums_of(groups)(values_of(7)), at_once, rtol=1e-6)
