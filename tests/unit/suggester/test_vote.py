"""The vote of the nearest recipes on models that are not like the shipped one."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from suggester.neighbours import Neighbours, blend

MEGABYTE = 1 << 20


def voter_of(recipes: int, columns: int) -> Neighbours:
    """Return a voter of random recipes of eight names, low columns being the popular ones."""
    generator = np.random.default_rng(1)
    indices = (generator.random(recipes * 8) ** 2 * columns).astype(np.int64)
    return Neighbours(np.arange(recipes + 1) * 8, indices, columns, 10.0)


def drinks_of(count: int, columns: int) -> np.ndarray:
    """Return (count, columns) random drinks of up to four names."""
    generator = np.random.default_rng(2)
    drinks = np.zeros((count, columns), np.float32)
    names = (generator.random((count, 4)) ** 2 * columns).astype(np.int64)
    np.put_along_axis(drinks, names, 1, axis=1)
    return drinks


def test_a_batch_on_many_recipes_takes_little_memory() -> None:
    """A thousand drinks against 50,000 recipes of 2,000 names: 200 MB if it were done at once."""
    voter, drinks = voter_of(50_000, 2_000), drinks_of(1_000, 2_000)
    tracemalloc.start()
    votes = voter.vote(drinks)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80 * MEGABYTE
    np.testing.assert_allclose(votes.sum(axis=1), 1, atol=1e-5)


def test_threads_do_not_disturb_each_other() -> None:
    """Threads that share a voter get what each would get alone."""
    voter, drinks = voter_of(5_000, 300), drinks_of(400, 300)
    parts = [drinks[at : at + 50] for at in range(0, 400, 50)]
    alone = [voter.vote(part) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            for votes, expected in zip(pool.map(voter.vote, parts), alone, strict=True):
                assert (votes == expected).all()


def test_more_shared_names_than_a_byte_can_count() -> None:
    """A drink within a recipe of 300 names hears that recipe on the one that it lacks."""
    voter = Neighbours(np.array([0, 300, 302]), np.array([*range(300), 0, 300]), 301, 10.0)
    drink = np.ones((1, 301), np.float32)
    drink[0, 299:] = 0
    [votes] = voter.vote(drink)
    assert votes[299] > 0.99
    assert votes[:299].sum() == 0


def test_a_blend_is_above_zero_and_a_number() -> None:
    """Weights can be shared out even where neither the network nor a recipe gives a name any."""
    logits = np.array([[1e9, -1e9, 0], [5, 5, 5]], np.float32)
    chosen = np.array([[0, 0, 0], [1, 1, 1]], np.float32)
    weights = blend(logits, np.zeros((2, 3), np.float32), chosen, 0.3)
    assert weights.dtype == np.float32
    assert np.isfinite(weights).all()
    assert (weights > 0).all()
