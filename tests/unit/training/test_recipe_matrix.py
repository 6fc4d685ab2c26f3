"""The recipe matrix gives the same results as plain sets."""

from __future__ import annotations

import numpy as np

from training.recipe_matrix import RecipeMatrix

MATRIX = RecipeMatrix.from_rows([[2, 0], [1], [], [0, 2, 2], [3, 1]], 4)


def rows_of(matrix: RecipeMatrix) -> list[list[int]]:
    return [matrix[row].tolist() for row in range(len(matrix))]


def test_rows_are_sorted_sets() -> None:
    """A row contains its columns in order, each of them once."""
    assert rows_of(MATRIX) == [[0, 2], [1], [], [0, 2], [1, 3]]


def test_rows_can_be_taken_in_any_order() -> None:
    """Taken rows are in the given order."""
    assert MATRIX.take(np.array([3, 1])).multi_hot().tolist() == [[1, 0, 1, 0], [0, 1, 0, 0]]


def test_columns_are_renumbered_when_taken() -> None:
    """The taken columns are numbered from 0, and other columns are dropped."""
    taken = MATRIX.take_columns(np.array([1, 3]))
    assert rows_of(taken) == [[], [0], [], [], [0, 1]]
    assert taken.columns == 2


def test_distinct_keeps_the_first_of_equal_rows() -> None:
    """A repeated row is dropped."""
    assert rows_of(MATRIX.distinct()) == [[0, 2], [1], [], [1, 3]]


def test_frequency_counts_rows() -> None:
    """The frequency of a column is the number of rows that contain it."""
    assert MATRIX.frequency().tolist() == [2, 2, 2, 1]
