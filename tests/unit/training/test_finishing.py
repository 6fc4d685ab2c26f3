"""The measurement of finished drinks and of novelty."""

from __future__ import annotations

import numpy as np
import pytest

from training.finishing import (
    Finishing,
    as_a_whole,
    measure_finishing,
    measure_novelty,
    one_by_one,
)
from training.recipe_matrix import Floats, RecipeMatrix
from training.roles import Roles
from training.split import Cases, keep_few

RECIPES = RecipeMatrix.from_rows([[0, 2, 3], [1, 4, 5], [0, 2, 3, 6], [1, 4]], 7)
ROLES = Roles(np.arange(7) < 2, np.arange(7) >= 2)


def prefer_first(drinks: RecipeMatrix) -> Floats:
    """Score by column, the first one best, and forbid what the drink contains and the bases."""
    scores = np.tile(np.arange(7, 0, -1, dtype=np.float32), (len(drinks), 1))
    return np.where((drinks.multi_hot() > 0) | (np.arange(7) < 2), -np.inf, scores)


@pytest.mark.parametrize("count", [1, 2])
def test_few_ingredients_are_kept(count: int) -> None:
    """Recipes of two ingredients are left out, and nothing is both kept and hidden."""
    drinks = keep_few(RECIPES, count, 5)
    assert drinks.remaining.sizes.tolist() == [count] * 3
    together = drinks.remaining.multi_hot() + drinks.hidden.multi_hot()
    assert together.tolist() == RECIPES.multi_hot()[:3].tolist()


def test_drinks_of_five_are_finished_one_by_one() -> None:
    """The best ingredient is added first; a drink stays shorter if nothing else is allowed."""
    drinks = RecipeMatrix.from_rows([[0], [1, 2], [2, 3, 4, 5]], 7)
    added = one_by_one(prefer_first)(drinks)
    assert [added[row].tolist() for row in range(3)] == [[2, 3, 4, 5], [3, 4, 5], [6]]
    fewer = one_by_one(lambda part: np.where(np.arange(7) > 5, -np.inf, prefer_first(part)))
    assert fewer(drinks)[2].tolist() == []


def test_a_whole_drink_follows_the_recipes() -> None:
    """What is added depends on the base, although the scores are the same."""
    finish = as_a_whole(prefer_first, RECIPES)
    added = finish(RecipeMatrix.from_rows([[0], [1]], 7))
    assert [added[0].tolist(), added[1].tolist()] == [[2, 3], [4]]


def test_finishing_is_measured_by_f1_and_by_different_completions() -> None:
    """A finisher that always adds 2 and 3 is right in part, and finishes both bases alike."""
    found = measure_finishing(
        lambda drinks: RecipeMatrix.from_rows([[2, 3]] * len(drinks), 7), RECIPES, ROLES
    )
    hidden = keep_few(RECIPES, 1, 5).hidden
    expected = [
        2 * len({2, 3} & set(hidden[row].tolist())) / (2 + len(hidden[row])) for row in range(3)
    ]
    assert found.f1[:, 0].tolist() == pytest.approx(expected)
    assert found.distinct == 0.5


def test_folds_add_up() -> None:
    """The cases follow each other, and the share is the mean of the folds."""
    first, second = Finishing(np.ones((1, 2)), 1.0, 2), Finishing(np.zeros((2, 2)), 0.4)
    both = first + second
    assert (len(both.f1), both.folds) == (3, 3)
    assert both.distinct == pytest.approx(0.8)


def test_novelty_moves_suggestions_to_rarer_ingredients() -> None:
    """With equal scores, novelty sorts by frequency, the rarest first."""
    cases = Cases(RecipeMatrix.from_rows([[0]], 12), np.array([11]))
    train = RecipeMatrix.from_rows([list(range(end)) for end in range(2, 13)], 12)
    figures = measure_novelty(
        lambda drinks: np.where(drinks.multi_hot() > 0, -np.inf, 1.0).astype(np.float32),
        cases,
        train,
    )
    assert figures[0, :, 0].tolist() == [0, 1, 1, 1, 1]
    assert figures[0, 0, 1] < figures[0, -1, 1]
