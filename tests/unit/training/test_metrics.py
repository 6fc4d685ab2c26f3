"""Ranks and the metrics that summarise them."""

from __future__ import annotations

import numpy as np
import pytest

from training.metrics import Metrics, measure_filling, rank_cases, rank_hidden
from training.recipe_matrix import RecipeMatrix
from training.split import Unfinished, leave_one_out


def test_ties_share_their_rank() -> None:
    """A rank is 1 + the better scores + half the equal ones, without chosen ingredients."""
    scores = np.array([[9, 5, 5, 5, 7, 1]], np.float32)
    chosen = np.array([[1, 0, 0, 0, 0, 0]], np.float32)
    assert rank_hidden(scores, chosen, np.array([2])).tolist() == [3.0]
    assert rank_hidden(scores, chosen, np.array([4])).tolist() == [1.0]
    assert rank_hidden(scores, chosen, np.array([5])).tolist() == [5.0]


def test_a_forbidden_ingredient_is_a_miss() -> None:
    """Its rank is beyond every k, and its reciprocal rank is 0, also among other forbidden ones."""
    scores = np.array([[9, -np.inf, 5, -np.inf]], np.float32)
    ranks = rank_hidden(scores, np.zeros((1, 4), np.float32), np.array([1]))
    metrics = Metrics.of(np.array([*ranks, 1.0]))
    assert (metrics.hit10, metrics.mrr) == (0.5, 0.5)


def test_metrics_summarise_ranks() -> None:
    """hit@k is the share of ranks up to k, and MRR the mean of the inverse ranks."""
    metrics = Metrics.of(np.array([1, 1.5, 5, 10, 20]))
    assert (metrics.hit1, metrics.hit5, metrics.hit10) == (0.2, 0.6, 0.8)
    assert metrics.mrr == pytest.approx((1 + 1 / 1.5 + 0.2 + 0.1 + 0.05) / 5)
    assert metrics.mean_rank == pytest.approx(7.5)


def test_batches_change_no_rank() -> None:
    """Ranks computed in several batches equal those computed at once."""
    rows = [[row % 7, 7 + row % 5, 12 + row % 3] for row in range(1500)]
    cases = leave_one_out(RecipeMatrix.from_rows(rows, 15), seed=1)
    scores = np.random.default_rng(0).random(15).astype(np.float32)
    ranks = rank_cases(lambda part: np.tile(scores, (len(part), 1)), cases)
    at_once = rank_hidden(np.tile(scores, (1500, 1)), cases.remaining.multi_hot(), cases.hidden)
    assert np.array_equal(ranks, at_once)


def test_a_drink_is_filled_with_the_best_ingredients() -> None:
    """As many ingredients are suggested as are hidden, and none that the drink contains."""
    drinks = Unfinished(
        RecipeMatrix.from_rows([[0], [0]], 6), RecipeMatrix.from_rows([[1, 4], [5]], 6)
    )
    scores = np.array([9, 8, 7, 6, 5, 4], np.float32)
    found = measure_filling(lambda part: np.tile(scores, (len(part), 1)), drinks)
    ndcg = 1 / (1 + 1 / np.log2(3))  # the first of two suggestions is right
    np.testing.assert_allclose(found, [[0.5, 0.5, ndcg], [0, 0, 0]])


def test_forbidden_ingredients_fill_no_drink() -> None:
    """Where the masks allow one ingredient, that one decides the precision."""
    drinks = Unfinished(RecipeMatrix.from_rows([[0]], 4), RecipeMatrix.from_rows([[1, 3]], 4))
    scores = np.array([[9, 8, -np.inf, -np.inf]], np.float32)
    [[precision, recall, _]] = measure_filling(lambda _: scores, drinks)
    assert (precision, recall) == (1, 0.5)
