"""The vote of the nearest recipes, and its blend with the network's output."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suggester import all_recipes, neighbours
from suggester.all_recipes import AllRecipes
from suggester.nearest_recipes import NearestRecipes
from suggester.neighbours import Neighbours, blend

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MEGABYTE = 1 << 20
COLUMNS = 9
ROWS = st.lists(st.sets(st.integers(0, COLUMNS - 1)), min_size=1, max_size=12)


def neighbours_of(
    recipes: Sequence[Collection[int]], columns: int, beta: float = 20.0
) -> Neighbours:
    indptr = np.cumsum([0, *map(len, recipes)])
    indices = np.array([column for recipe in recipes for column in recipe], np.int64)
    return Neighbours(indptr, indices, columns, beta)


def multi_hot(drinks: Sequence[Collection[int]], columns: int) -> np.ndarray:
    dense = np.zeros((len(drinks), columns), np.float32)
    for row, drink in enumerate(drinks):
        dense[row, list(drink)] = 1
    return dense


def random_recipes(count: int, columns: int) -> Neighbours:
    """Return the neighbours of random recipes with eight entries; low columns are frequent."""
    generator = np.random.default_rng(1)
    indices = (generator.random(count * 8) ** 2 * columns).astype(np.int64)
    return Neighbours(np.arange(count + 1) * 8, indices, columns, 10.0)


def random_drinks(count: int, columns: int) -> np.ndarray:
    """Return (count, columns) random drinks of up to four ingredients."""
    generator = np.random.default_rng(2)
    drinks = np.zeros((count, columns), np.float32)
    chosen = (generator.random((count, 4)) ** 2 * columns).astype(np.int64)
    np.put_along_axis(drinks, chosen, 1, axis=1)
    return drinks


def plain_vote(recipes: list[set[int]], drink: set[int], beta: float) -> np.ndarray:
    """Compute the vote with one loop over all recipes."""
    votes = np.zeros(COLUMNS)
    for recipe in recipes:
        shared, added = len(recipe & drink), recipe - drink
        if shared and added:
            cosine = shared / np.sqrt(len(recipe) * len(drink))
            votes[list(added)] += np.exp(beta * (cosine - 1))
    return votes / votes.sum() if votes.any() else votes


@pytest.mark.parametrize("many", [0, 100])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recipes=ROWS, drinks=ROWS, beta=st.sampled_from([1.0, 10.0, 30.0]))
def test_the_vote_equals_a_plain_loop(
    recipes: list[set[int]],
    drinks: list[set[int]],
    beta: float,
    many: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The vectorised vote equals one loop over all recipes, for few recipes and for many."""
    monkeypatch.setattr(neighbours, "MANY", many)
    votes = neighbours_of(recipes, COLUMNS, beta).vote(multi_hot(drinks, COLUMNS))
    expected = [plain_vote(recipes, drink, beta) for drink in drinks]
    np.testing.assert_allclose(votes, expected, atol=1e-5)


def test_a_row_does_not_depend_on_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drink gets the same vote alone, in a batch, and in a batch of several passes."""
    voter, drinks = random_recipes(200, 40), random_drinks(50, 40)
    together = voter.vote(drinks)
    alone = np.concatenate([voter.vote(drinks[row : row + 1]) for row in range(50)])
    monkeypatch.setattr(all_recipes, "MAX_CELLS", 1000)
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together, voter.vote(drinks), atol=1e-6)


def test_votes_add_up_to_one_and_leave_out_the_drink() -> None:
    """The vote is shared between the ingredients that the drink lacks."""
    drinks = random_drinks(50, 40)
    votes = random_recipes(200, 40).vote(drinks)
    assert votes.dtype == np.float32
    np.testing.assert_allclose(votes.sum(axis=1), 1, atol=1e-6)
    assert not votes[drinks > 0].any()


def test_a_drink_without_similar_recipes_gets_no_vote() -> None:
    """The row of an empty drink, or of one that shares no ingredient, is zero."""
    drinks = multi_hot([[], [3], [0]], 4)
    votes = neighbours_of([[0, 1], [0, 2]], 4).vote(drinks)
    assert votes.tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0.5, 0.5, 0]]


def test_a_recipe_inside_the_drink_does_not_outweigh_the_others() -> None:
    """Only recipes that add an ingredient count as most similar."""
    votes = neighbours_of([[0, 1], [1, 2]], 3, beta=400.0).vote(multi_hot([[0, 1]], 3))
    assert votes.tolist() == [[0, 0, 1]]


def test_without_recipes_there_is_no_vote() -> None:
    """A model without recipes gives rows of zeros."""
    assert not neighbours_of([], 4).vote(multi_hot([[0], [3]], 4)).any()


def test_a_large_batch_on_many_recipes_takes_little_memory() -> None:
    """A thousand drinks and 50,000 recipes take less than 80 MB (a single pass takes 200 MB)."""
    voter, drinks = random_recipes(50_000, 2_000), random_drinks(1_000, 2_000)
    tracemalloc.start()
    votes = voter.vote(drinks)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80 * MEGABYTE
    np.testing.assert_allclose(votes.sum(axis=1), 1, atol=1e-5)


def test_threads_can_share_the_neighbours() -> None:
    """Concurrent calls give the same votes as calls in sequence."""
    voter, drinks = random_recipes(5_000, 300), random_drinks(400, 300)
    parts = [drinks[at : at + 50] for at in range(0, 400, 50)]
    alone = [voter.vote(part) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            for votes, expected in zip(pool.map(voter.vote, parts), alone, strict=True):
                assert (votes == expected).all()


@pytest.mark.parametrize("many", [0, 100])
def test_more_shared_ingredients_than_a_byte_can_count(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipe of 300 ingredients votes for the one that the drink lacks."""
    monkeypatch.setattr(neighbours, "MANY", many)
    drink = multi_hot([range(299)], 301)
    [votes] = neighbours_of([range(300), [0, 300]], 301).vote(drink)
    assert votes[299] > 0.99
    assert votes[:299].sum() == 0


def test_the_blend_is_a_weighted_mean() -> None:
    """The blend is (1 - w) * softmax + w * vote, with the softmax over unchosen ingredients."""
    logits = np.array([[2, 1, 0, -1]], np.float32)
    chosen = np.array([[1, 0, 0, 0]], np.float32)
    vote = np.array([[0, 0, 1, 0]], np.float32)
    softmax = np.exp([1, 0, -1]) / np.exp([1, 0, -1]).sum()
    [weights] = blend(logits, vote, chosen, 0.25)
    np.testing.assert_allclose(weights[1:], 0.75 * softmax + [0, 0.25, 0], atol=1e-6)
    assert weights[0] == pytest.approx(0, abs=1e-30)


def test_without_a_vote_the_blend_is_the_softmax() -> None:
    """An empty vote takes no share."""
    logits = np.array([[2, 1, 0]], np.float32)
    nothing = np.zeros((1, 3), np.float32)
    weights = blend(logits, nothing, nothing, 0.5)
    np.testing.assert_allclose(weights, np.exp(logits) / np.exp(logits).sum(), atol=1e-6)


def test_a_blend_is_positive_and_finite() -> None:
    """Extreme logits, and a drink of every ingredient, give positive finite weights."""
    logits = np.array([[1e9, -1e9, 0], [5, 5, 5]], np.float32)
    chosen = np.array([[0, 0, 0], [1, 1, 1]], np.float32)
    weights = blend(logits, np.zeros((2, 3), np.float32), chosen, 0.3)
    assert weights.dtype == np.float32
    assert np.isfinite(weights).all()
    assert (weights > 0).all()


@given(recipes=ROWS, drink=st.sets(st.integers(0, COLUMNS - 1)), many=st.booleans())
def test_the_vote_is_the_sum_of_the_weights(
    recipes: list[set[int]], drink: set[int], *, many: bool
) -> None:
    """Whether all recipes vote or only the nearest ones."""
    kind = NearestRecipes if many else AllRecipes
    indptr = np.cumsum([0, *map(len, recipes)])
    indices = np.array([column for recipe in recipes for column in recipe], np.int64)
    voters = kind(indptr, indices, COLUMNS, 20.0)
    drinks = multi_hot([drink], COLUMNS)
    [weights] = voters.weights(drinks)
    sums = weights @ multi_hot(recipes, COLUMNS) * (drinks[0] == 0)
    np.testing.assert_allclose(sums / max(sums.sum(), 1e-30), voters.vote(drinks)[0], atol=1e-6)


@pytest.mark.parametrize("count", [600, neighbours.MANY + 600])
def test_the_weights_of_many_drinks_are_those_of_each(count: int) -> None:
    """Whether all recipes vote or only the nearest ones."""
    recipes, drinks = random_recipes(count, 40), random_drinks(600, 40)
    together = list(recipes.weights(drinks))
    assert len(together) == 600
    for row in (0, 255, 256, 599):
        [alone] = recipes.weights(drinks[row : row + 1])
        np.testing.assert_allclose(together[row], alone, atol=1e-6)


def test_the_weights_of_no_recipes_are_empty() -> None:
    assert [part.shape for part in neighbours_of([], 3).weights(multi_hot([{1}], 3))] == [(0,)]
