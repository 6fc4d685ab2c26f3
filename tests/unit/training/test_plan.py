"""The rules that choose how to train."""

from __future__ import annotations

import pytest

from training.plan import BUDGET, plan_for


def test_many_recipes_get_a_wide_network_and_few_get_small_batches() -> None:
    """Width and batch grow with the recipes; a long schedule is kept where it is affordable."""
    large, small = plan_for(45_000, 380), plan_for(1_500, 240)
    assert (large.width, large.epochs, large.batch) == (2048, 70, 256)
    assert (small.width, small.epochs, small.batch) == (1024, 70, 64)


@pytest.mark.parametrize(("recipes", "names"), [(16_000, 3_400), (45_000, 5_000), (180_000, 400)])
def test_large_data_stay_within_the_budget(recipes: int, names: int) -> None:
    """On large vocabularies schedule and width are cut until the training is affordable."""
    plan = plan_for(recipes, names)
    assert recipes * names * plan.width * plan.epochs <= BUDGET


def test_what_the_user_says_goes_before_the_rules() -> None:
    """Epochs, width and seed that are given are taken."""
    plan = plan_for(45_000, 5_000, epochs=3, width=64, seed=9)
    assert (plan.epochs, plan.width, plan.seed) == (3, 64, 9)
