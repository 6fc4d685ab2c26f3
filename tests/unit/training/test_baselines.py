"""The baselines compute what their names promise."""

from __future__ import annotations

import numpy as np
import pytest

from training import baselines
from training.recipe_matrix import RecipeMatrix
from training.split import leave_one_out

RECIPES = RecipeMatrix.from_rows([[0, 1], [0, 1], [0, 1, 2], [0, 3], [2, 3]], 4)
CASES = leave_one_out(RecipeMatrix.from_rows([[0, 1, 2]] * 5, 4), seed=2)
DRINK = RecipeMatrix.from_rows([[1]], 4)


def test_co_occurrence_counts_pairs() -> None:
    """The matrix contains the number of recipes with both ingredients."""
    expected = [[4, 3, 1, 1], [3, 3, 1, 0], [1, 1, 2, 1], [1, 0, 1, 2]]
    assert baselines.co_occurrence(RECIPES).tolist() == expected


def test_popularity_ignores_the_drink() -> None:
    """The scores of every drink are the frequencies."""
    assert baselines.popularity(RECIPES, CASES).score(DRINK).tolist() == [[4, 3, 2, 2]]


def test_cosine_scores_by_the_similarity_of_columns() -> None:
    """The score of an ingredient is its cosine similarity to the one in the drink."""
    expected = [3 / np.sqrt(12), 0, 1 / np.sqrt(6), 0]
    np.testing.assert_allclose(baselines.cosine(RECIPES, CASES).score(DRINK)[0], expected, 1e-6)


def test_cosine_keeps_the_most_similar_ingredients_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Similarities beyond the k largest count as zero."""
    monkeypatch.setattr(baselines, "SIMILAR_ITEMS", 1)
    scores = baselines.cosine(RECIPES, CASES).score(DRINK)[0]
    assert np.flatnonzero(scores).tolist() == [0]


def test_pmi_adds_smoothed_information() -> None:
    """A score is the log frequency plus half the smoothed information."""
    gain = 0.5 * np.log((3 + 5) / (4 * 3 / 5 + 5))
    scores = baselines.pmi(RECIPES, CASES).score(DRINK)[0]
    assert scores[0] == pytest.approx(np.log(4) + gain)
    assert scores[1] == pytest.approx(np.log(3))


def test_ease_solves_its_regression() -> None:
    """EASE's weights solve the ridge regression of each column on the others."""
    inputs = RECIPES.multi_hot().astype(np.float64)
    single = RecipeMatrix.from_rows([[0], [1], [2], [3]], 4)
    weights = baselines.ease(RECIPES, CASES).score(single)
    for column in range(4):
        others = [item for item in range(4) if item != column]
        gram = inputs[:, others].T @ inputs[:, others] + 30 * np.eye(3)
        solved = np.linalg.solve(gram, inputs[:, others].T @ inputs[:, column])
        np.testing.assert_allclose(weights[others, column], solved, atol=1e-6)
        assert weights[column, column] == 0


def test_nearest_votes_with_the_training_recipes() -> None:
    """The nearest recipes of {1} are {0, 1} and {0, 1, 2}, so 0 leads and 3 gets no vote."""
    scores = baselines.nearest(RECIPES, CASES).score(DRINK)[0]
    assert scores.argmax() == 0
    assert scores[3] == 0
