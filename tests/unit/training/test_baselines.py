"""The models that the network is laid beside compute what their names promise."""

from __future__ import annotations

import numpy as np
import pytest

from training import baselines
from training.sets import Sets
from training.split import leave_one_out

RECIPES = Sets.of([[0, 1], [0, 1], [0, 1, 2], [0, 3], [2, 3]], 4)
CASES = leave_one_out(Sets.of([[0, 1, 2]] * 5, 4), seed=2)
DRINK = Sets.of([[1]], 4)


def test_co_occurrence_counts_pairs() -> None:
    """The matrix holds in how many recipes two ingredients meet."""
    expected = [[4, 3, 1, 1], [3, 3, 1, 0], [1, 1, 2, 1], [1, 0, 1, 2]]
    assert baselines.co_occurrence(RECIPES).tolist() == expected


def test_popularity_ignores_the_drink() -> None:
    """Every drink gets the same scores, the frequencies."""
    assert baselines.popularity(RECIPES, CASES).score(DRINK).tolist() == [[4, 3, 2, 2]]


def test_cosine_is_that_of_the_columns() -> None:
    """An item's score is its cosine with the one in the drink."""
    expected = [3 / np.sqrt(12), 0, 1 / np.sqrt(6), 0]
    np.testing.assert_allclose(baselines.cosine(RECIPES, CASES).score(DRINK)[0], expected, 1e-6)


def test_cosine_keeps_the_nearest_items_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond an item's k nearest its similarity counts as none."""
    monkeypatch.setattr(baselines, "NEIGHBOUR_ITEMS", 1)
    scores = baselines.cosine(RECIPES, CASES).score(DRINK)[0]
    assert np.flatnonzero(scores).tolist() == [0]


def test_pmi_adds_smoothed_information() -> None:
    """A score is the log frequency and half the smoothed information with the drink."""
    gain = 0.5 * np.log((3 + 5) / (4 * 3 / 5 + 5))
    scores = baselines.pmi(RECIPES, CASES).score(DRINK)[0]
    assert scores[0] == pytest.approx(np.log(4) + gain)
    assert scores[1] == pytest.approx(np.log(3))


def test_ease_solves_its_regression() -> None:
    """EASE's weights minimise the ridge objective with a zero diagonal, column by column."""
    inputs = RECIPES.multi_hot().astype(np.float64)
    weights = baselines.ease(RECIPES, CASES).score(Sets.of([[0], [1], [2], [3]], 4))
    for column in range(4):
        others = [item for item in range(4) if item != column]
        gram = inputs[:, others].T @ inputs[:, others] + 30 * np.eye(3)
        solved = np.linalg.solve(gram, inputs[:, others].T @ inputs[:, column])
        np.testing.assert_allclose(weights[others, column], solved, atol=1e-6)
        assert weights[column, column] == 0


def test_nearest_votes_from_the_training_recipes() -> None:
    """The nearest recipes of {1} are {0, 1} and {0, 1, 2}, so 0 leads and 3 gets nothing."""
    scores = baselines.nearest(RECIPES, CASES).score(DRINK)[0]
    assert scores.argmax() == 0
    assert scores[3] == 0
