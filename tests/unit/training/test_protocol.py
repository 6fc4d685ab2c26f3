"""The evaluation protocol: sets, splits, held-out cases and ranks."""

from __future__ import annotations

import numpy as np
import pytest

from training.errors import DataTooSmall
from training.ranking import Metrics, rank, rank_cases
from training.sets import Sets
from training.split import folds, leave_one_out, three_ways, two_ways


def test_sets_keep_their_rows() -> None:
    """Taking rows, dropping repeats and picking columns give what sets of columns would."""
    sets = Sets.of([[2, 0], [1], [], [0, 2, 2], [3, 1]], 4)
    assert sets.take(np.array([3, 1])).multi_hot().tolist() == [[1, 0, 1, 0], [0, 1, 0, 0]]
    assert [sets.distinct()[row].tolist() for row in range(4)] == [[0, 2], [1], [], [1, 3]]
    assert sets.only(np.array([1, 3])).multi_hot().tolist() == [
        [0, 0],
        [1, 0],
        [0, 0],
        [0, 0],
        [1, 1],
    ]
    assert sets.frequency().tolist() == [2, 2, 2, 1]


def test_the_split_is_the_published_one() -> None:
    """The rows are permuted by the protocol's seed and divided 80 : 10 : 10."""
    train, validation, test = three_ways(56_498)
    assert [len(train), len(validation), len(test)] == [45_198, 5_650, 5_650]
    order = np.random.default_rng(20261120).permutation(56_498)
    assert np.array_equal(np.concatenate([train, validation, test]), order)


def test_splits_divide_without_overlap() -> None:
    """Each row is in one part, and in the test part of one fold."""
    assert sorted(np.concatenate(two_ways(17)).tolist()) == list(range(17))
    tests = []
    for train, test in folds(17, 5):
        assert sorted([*train.tolist(), *test.tolist()]) == list(range(17))
        tests += test.tolist()
    assert sorted(tests) == list(range(17))


def test_cases_follow_the_draws_of_the_protocol() -> None:
    """Recipes of three or more lose the ingredient at the next drawn index, others none."""
    recipes = Sets.of([[5, 1, 3], [0, 1], [2, 3, 4, 6]], 7)
    cases = leave_one_out(recipes, seed=1)
    generator = np.random.default_rng(1)
    drawn = [int(generator.integers(3)), int(generator.integers(4))]
    assert cases.hidden.tolist() == [[1, 3, 5][drawn[0]], [2, 3, 4, 6][drawn[1]]]
    assert cases.remaining.sizes.tolist() == [2, 3]


def test_few_recipes_are_walked_again() -> None:
    """Asked for more cases than there are recipes, the walk goes on with fresh draws."""
    cases = leave_one_out(Sets.of([[0, 1, 2], [1, 2, 3]], 4), seed=2, at_least=9)
    assert len(cases) == 10
    assert len(set(cases.hidden.tolist())) > 2


def test_nothing_to_hold_out_is_refused() -> None:
    """Recipes of two ingredients give no case, which is an expected error."""
    with pytest.raises(DataTooSmall):
        leave_one_out(Sets.of([[0, 1]], 2), seed=1)


def test_ties_share_their_rank() -> None:
    """Rank is 1 + the better + half the ties, and ingredients of the drink are no rivals."""
    scores = np.array([[9, 5, 5, 5, 7, 1]], np.float32)
    chosen = np.array([[1, 0, 0, 0, 0, 0]], np.float32)
    assert rank(scores, chosen, np.array([2])).tolist() == [3.0]
    assert rank(scores, chosen, np.array([4])).tolist() == [1.0]
    assert rank(scores, chosen, np.array([5])).tolist() == [5.0]


def test_metrics_are_those_of_the_ranks() -> None:
    """Hits count ranks within the place, and MRR is the mean of the inverse ranks."""
    metrics = Metrics.of(np.array([1, 1.5, 5, 10, 20]))
    assert (metrics.hit1, metrics.hit5, metrics.hit10) == (0.2, 0.6, 0.8)
    assert metrics.mrr == pytest.approx((1 + 1 / 1.5 + 0.2 + 0.1 + 0.05) / 5)
    assert metrics.mean_rank == pytest.approx(7.5)


def test_ranking_in_batches_changes_nothing() -> None:
    """More cases than a batch holds keep their order and ranks."""
    recipes = Sets.of([[row % 7, 7 + row % 5, 12 + row % 3] for row in range(1500)], 15)
    cases = leave_one_out(recipes, seed=1)
    scores = np.random.default_rng(0).random(15).astype(np.float32)
    ranks = rank_cases(lambda part: np.tile(scores, (len(part), 1)), cases)
    at_once = rank(np.tile(scores, (1500, 1)), cases.remaining.multi_hot(), cases.hidden)
    assert np.array_equal(ranks, at_once)
