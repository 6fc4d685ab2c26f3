"""The intervals of the differences between two models."""

from __future__ import annotations

import numpy as np
import pytest

from training.bootstrap import paired_intervals


def test_an_interval_covers_its_mean_by_two_standard_errors() -> None:
    """The percentiles of the bootstrap agree with the normal approximation."""
    differences = np.random.default_rng(0).normal(0.1, 1, (900, 1))
    [found] = paired_intervals(differences)
    error = differences.std() / np.sqrt(900)
    assert found.mean == differences.mean()
    assert found.low == pytest.approx(found.mean - 1.96 * error, abs=0.15 * error)
    assert found.high == pytest.approx(found.mean + 1.96 * error, abs=0.15 * error)


def test_the_same_cases_give_the_same_interval() -> None:
    """The draws have a fixed seed."""
    differences = np.random.default_rng(0).normal(size=(50, 2))
    assert paired_intervals(differences) == paired_intervals(differences)


def test_the_cases_are_paired() -> None:
    """A model that is a little better in every case is better for certain."""
    [found] = paired_intervals(np.full((20, 1), 0.01))
    assert found.low == pytest.approx(0.01)
    assert found.high == pytest.approx(0.01)
