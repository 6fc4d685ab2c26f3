"""The vote of the nearest recipes, against a plain computation of the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suggester import neighbours
from suggester.neighbours import Neighbours, mix
from training.sets import Sets

COLUMNS = 9
ROWS = st.lists(st.sets(st.integers(0, COLUMNS - 1)), min_size=1, max_size=12)


def voter_of(recipes: Sets, beta: float = 20.0) -> Neighbours:
    return Neighbours(recipes.indptr, recipes.indices, recipes.columns, beta)


def plain_vote(recipes: Sets, drink: set[int], beta: float) -> np.ndarray:
    """Vote with one loop over all recipes."""
    kernel = []
    for row in range(len(recipes)):
        recipe = set(recipes[row].tolist())
        shared = len(recipe & drink)
        if shared and recipe - drink:
            kernel.append((shared / np.sqrt(len(recipe) * len(drink)), recipe - drink))
    votes = np.zeros(recipes.columns)
    for cosine, added in kernel:
        votes[list(added)] += np.exp(beta * (cosine - 1))
    return votes / votes.sum() if kernel else votes


@settings(deadline=None)
@given(recipes=ROWS, drinks=ROWS, beta=st.sampled_from([1.0, 10.0, 30.0]))
def test_the_vote_is_that_of_a_plain_loop(
    recipes: list[set[int]], drinks: list[set[int]], beta: float
) -> None:
    """Vectorised over a batch, the vote is what a loop over all recipes gives."""
    known = Sets.of([sorted(row) for row in recipes], COLUMNS)
    votes = voter_of(known, beta).vote(
        Sets.of([sorted(row) for row in drinks], COLUMNS).multi_hot()
    )
    expected = [plain_vote(known, drink, beta) for drink in drinks]
    np.testing.assert_allclose(votes, expected, atol=1e-5)


def random_sets(rows: int, columns: int, seed: int) -> Sets:
    generator = np.random.default_rng(seed)
    sizes = generator.integers(2, 8, rows)
    return Sets.of([generator.choice(columns, size).tolist() for size in sizes], columns)


def test_a_row_does_not_depend_on_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drink gets the same vote alone, among others, and however the batch is cut."""
    voter = voter_of(random_sets(200, 40, seed=1))
    drinks = random_sets(50, 40, seed=2).multi_hot()
    together = voter.vote(drinks)
    alone = np.concatenate([voter.vote(drinks[row : row + 1]) for row in range(50)])
    monkeypatch.setattr(neighbours, "CELLS_AT_ONCE", 1000)
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together, voter.vote(drinks), atol=1e-6)


def test_votes_add_up_and_stay_off_the_drink() -> None:
    """Each vote is shared out over what the drink lacks."""
    drinks = random_sets(50, 40, seed=3).multi_hot()
    votes = voter_of(random_sets(200, 40, seed=1)).vote(drinks)
    assert votes.dtype == np.float32
    np.testing.assert_allclose(votes.sum(axis=1), 1, atol=1e-6)
    assert not votes[drinks > 0].any()


def test_nobody_votes_on_an_empty_or_a_strange_drink() -> None:
    """Without a recipe that shares a name the row is zero, and so it is without recipes."""
    drinks = Sets.of([[], [3], [0]], 4).multi_hot()
    votes = voter_of(Sets.of([[0, 1], [0, 2]], 4)).vote(drinks)
    assert votes.tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0.5, 0.5, 0]]
    assert not voter_of(Sets.of([], 4)).vote(drinks).any()


def test_the_mix_is_a_distribution_over_what_is_not_chosen() -> None:
    """Mixed logits are the log of (1 - w) softmax + w vote, the softmax taken over free names."""
    logits = np.array([[2, 1, 0, -1]], np.float32)
    chosen = np.array([[1, 0, 0, 0]], np.float32)
    vote = np.array([[0, 0, 1, 0]], np.float32)
    softmax = np.exp([1, 0, -1]) / np.exp([1, 0, -1]).sum()
    mixed = np.exp(mix(logits, vote, chosen, 0.25))
    np.testing.assert_allclose(mixed[0, 1:], 0.75 * softmax + [0, 0.25, 0], atol=1e-6)
    assert mixed[0, 0] == pytest.approx(0, abs=1e-30)


def test_without_votes_the_network_speaks_alone() -> None:
    """An empty vote takes no share of the mix."""
    logits = np.array([[2, 1, 0]], np.float32)
    nothing = np.zeros((1, 3), np.float32)
    mixed = np.exp(mix(logits, nothing, nothing, 0.5))
    np.testing.assert_allclose(mixed, np.exp(logits) / np.exp(logits).sum(), atol=1e-6)


def test_extreme_logits_stay_finite() -> None:
    """Neither huge logits nor a drink of every ingredient gives a NaN or an infinity."""
    logits = np.array([[1e9, -1e9, 0], [5, 5, 5]], np.float32)
    chosen = np.array([[0, 0, 0], [1, 1, 1]], np.float32)
    assert np.isfinite(mix(logits, np.zeros((2, 3), np.float32), chosen, 0.3)).all()
