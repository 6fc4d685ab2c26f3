"""The rules that choose the hyper-parameters."""

from __future__ import annotations

import pytest

from training.plan import BUDGET, choose_plan


def test_width_and_batch_grow_with_the_number_of_recipes() -> None:
    """Many recipes get one wide network, and few get several with small batches."""
    large, small = choose_plan(45_000, 380), choose_plan(3_000, 350)
    assert (large.members, large.width, large.epochs, large.batch) == (1, 2048, 70, 256)
    assert (small.members, small.width, small.epochs, small.batch) == (4, 512, 70, 64)


def test_few_recipes_teach_the_first_steps_more_often() -> None:
    """They have few recipes of two ingredients, from which these could be learned."""
    assert choose_plan(3_000, 350).first_steps > choose_plan(45_000, 380).first_steps > 0


@pytest.mark.parametrize(("recipes", "epochs"), [(1_600, 100), (500, 320), (10, 400)])
def test_fewer_recipes_get_more_epochs(recipes: int, epochs: int) -> None:
    """The number of steps stays the same, up to a limit."""
    assert choose_plan(recipes, 200).epochs == epochs


@pytest.mark.parametrize(
    ("recipes", "ingredients"), [(16_000, 3_400), (45_000, 5_000), (180_000, 400)]
)
def test_large_data_stay_within_the_budget(recipes: int, ingredients: int) -> None:
    """Epochs and width are reduced until the training is affordable."""
    plan = choose_plan(recipes, ingredients)
    assert recipes * ingredients * plan.width * plan.epochs <= BUDGET


def test_the_user_can_override_the_rules() -> None:
    """Epochs, width and seed are used as given."""
    plan = choose_plan(45_000, 5_000, epochs=3, width=64, seed=9)
    assert (plan.epochs, plan.width, plan.seed) == (3, 64, 9)
