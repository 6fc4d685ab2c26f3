"""The baselines compute what their names promise."""

from __future__ import annotations

import numpy as np
import pytest

from training import baselines
from training.metrics import Metrics, rank_cases
from training.recipe_matrix import RecipeMatrix
from training.ridge import RIDGES, co_occurrence
from training.split import Cases, leave_one_out

RECIPES = RecipeMatrix.from_rows([[0, 1], [0, 1], [0, 1, 2], [0, 3], [2, 3]], 4)
CASES = leave_one_out(RecipeMatrix.from_rows([[0, 1, 2]] * 5, 4), seed=2)
DRINK = RecipeMatrix.from_rows([[1]], 4)
SINGLE = RecipeMatrix.from_rows([[item] for item in range(8)], 8)


def random_recipes(size: int, count: int) -> RecipeMatrix:
    """Draw recipes from eight ingredients, of which the first are the most frequent."""
    generator, shares = np.random.default_rng(5), np.arange(8, 0, -1) / 36
    rows = [generator.choice(8, size, replace=False, p=shares).tolist() for _ in range(count)]
    return RecipeMatrix.from_rows(rows, 8)


def solve(recipes: RecipeMatrix, ridge: np.ndarray) -> np.ndarray:
    """Solve the ridge regression of each column on the others, (V, V)."""
    inputs, weights = recipes.multi_hot().astype(np.float64), np.zeros((recipes.columns,) * 2)
    for column in range(recipes.columns):
        others = [item for item in range(recipes.columns) if item != column]
        gram = inputs[:, others].T @ inputs[:, others] + np.diag(ridge[others])
        weights[others, column] = np.linalg.solve(gram, inputs[:, others].T @ inputs[:, column])
    return weights


def mrr(weights: np.ndarray, cases: Cases) -> float:
    return Metrics.of(rank_cases(lambda part: part.multi_hot() @ weights, cases)).mrr


def test_co_occurrence_counts_pairs() -> None:
    """The matrix contains the number of recipes with both ingredients."""
    expected = [[4, 3, 1, 1], [3, 3, 1, 0], [1, 1, 2, 1], [1, 0, 1, 2]]
    assert co_occurrence(RECIPES).tolist() == expected


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
    single = RecipeMatrix.from_rows([[0], [1], [2], [3]], 4)
    weights = baselines.ease(RECIPES, CASES).score(single)
    np.testing.assert_allclose(weights, solve(RECIPES, np.full(4, 30)), atol=1e-6)


@pytest.mark.parametrize(("learn", "dropouts"), [("ease_tuned", [0.0]), ("edlae", None)])
def test_a_tuned_regression_has_the_best_validation_mrr(
    learn: str, dropouts: list[float] | None
) -> None:
    """Its weights are those of the best ridge, or of the best ridge and dropout."""
    recipes, cases = random_recipes(3, 60), leave_one_out(random_recipes(4, 30), seed=2)
    solved = [
        solve(recipes, dropout / (1 - dropout) * recipes.frequency() + ridge)
        for dropout in dropouts or baselines.DROPOUTS
        for ridge in RIDGES
    ]
    mrrs = [mrr(weights, cases) for weights in solved]
    weights = getattr(baselines, learn)(recipes, cases).score(SINGLE)
    np.testing.assert_allclose(weights, solved[int(np.argmax(mrrs))], atol=1e-5)
    assert 0 < np.argmax(mrrs) < len(mrrs) - 1


def test_nearest_votes_with_the_training_recipes() -> None:
    """The nearest recipes of {1} are {0, 1} and {0, 1, 2}, so 0 leads and 3 gets no vote."""
    scores = baselines.nearest(RECIPES, CASES).score(DRINK)[0]
    assert scores.argmax() == 0
    assert scores[3] == 0
