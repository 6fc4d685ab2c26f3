"""The comparison: masks, folds and the figures of every model."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from suggester.masks import Masks
from suggester.vocabulary import Ingredient as Entry
from suggester.vocabulary import Vocabulary
from training import baselines, comparison
from training.comparison import Outcome, behind_masks
from training.dataset import Dataset
from training.finishing import Finishing
from training.ingredients import Ingredient
from training.recipe_matrix import RecipeMatrix
from training.recipes.labels import NO_LABEL
from training.report import build_rows
from training.roles import Roles

TABLE = [
    Ingredient(name, name, role=role)
    for name, role in [("kvass", "base"), ("milk", "base"), ("mint", "additive"), ("tea", "both")]
]
RECIPES = RecipeMatrix.from_rows([[0, 2], [1, 3], [1, 2, 3]], 4)
DRINKS = RecipeMatrix.from_rows([[], [0], [1, 2], [3]], 4)


def outcome(ranks: list[float], served: list[float]) -> Outcome:
    filling = np.tile([0.25, 0.25, 0.5], (len(ranks), 1))
    greedy = Finishing(np.tile([0.2, 0.4], (len(ranks), 1)), 0.5)
    return Outcome(np.array(ranks), np.array(served), filling, greedy, parameters=4, seconds=1.0)


def test_a_served_score_allows_what_the_service_allows() -> None:
    """The scores of allowed ingredients stay, and all others are minus infinity."""
    roles = Roles.of(RECIPES, TABLE)
    scores = np.random.default_rng(0).random((4, 4)).astype(np.float32)
    served = behind_masks(lambda _: scores, roles)(DRINKS)
    entries = [
        Entry(entry.id, entry.en, "", (), base=bool(base), additive=bool(additive))
        for entry, base, additive in zip(TABLE, roles.base, roles.additive, strict=True)
    ]
    chosen = DRINKS.multi_hot() > 0
    allowed = Masks(Vocabulary(entries)).candidates(chosen, np.ones_like(chosen))
    assert np.array_equal(served > -np.inf, allowed)
    assert np.array_equal(served[allowed], scores[allowed])


def test_the_masks_come_from_the_training_recipes_alone() -> None:
    """Only the test recipe combines the bases, so each of them is forbidden there."""
    table = [Ingredient(name, name, role="base") for name in ("kvass", "milk", "tea")]
    table += [Ingredient(name, name, role="additive") for name in ("mint", "sugar")]
    rows = [[0, 3, 4], [1, 3, 4], [2, 3, 4], [0, 1, 2]]
    dataset = Dataset(RecipeMatrix.from_rows(rows, 5), table, [NO_LABEL] * len(rows))
    learners = {"popularity": baselines.popularity}
    parts = (np.arange(3), np.array([2]), np.array([3]))
    found = comparison.run(dataset, parts, print, learners)["popularity"]
    assert found.served.tolist() == [np.inf] != found.ranks.tolist()


def test_the_outcomes_of_two_folds_add_up() -> None:
    """The cases follow each other; time adds up, and the number of parameters is the largest."""
    both = outcome([1], [2]) + replace(outcome([3, 4], [5, np.inf]), parameters=9)
    assert both.ranks.tolist() == [1, 3, 4]
    assert both.served.tolist() == [2, 5, np.inf]
    assert (len(both.filling), both.parameters, both.seconds) == (3, 9, 2.0)


@pytest.fixture
def rows() -> dict[str, dict[str, object]]:
    """Two models: Barback, which is better in one case of four, and another."""
    ours, other = outcome([1, 2, 4, 20], [1, 1, 4, 20]), outcome([1, 2, 4, 20], [1, 1, 4, np.inf])
    whole = Finishing(np.tile([0.3, 0.6], (4, 1)), 1.0)
    ours = replace(ours, whole=whole, novelty=np.tile([1.0, 30.0], (4, 5, 1)))
    return build_rows({"ease_tuned": other, "barback": ours})


def test_every_model_has_a_bare_and_a_served_row(rows: dict[str, dict[str, object]]) -> None:
    """The bare rows keep the models' names; a forbidden case counts as a miss."""
    assert list(rows)[:4] == ["ease_tuned", "barback", "ease_tuned_served", "barback_served"]
    assert rows["barback"]["mean_rank"] == 6.75
    served = rows["ease_tuned_served"]
    assert (served["hit1"], served["mrr"], served["forbidden"]) == (0.5, 2.25 / 4, 0.25)
    assert (served["precision"], served["ndcg"]) == (0.25, 0.5)


def test_a_lead_is_the_difference_on_the_same_cases(rows: dict[str, dict[str, object]]) -> None:
    """The rows of the other models have it, with its interval, and the row of Barback does not."""
    assert "lead" not in rows["barback_served"]
    lead = rows["ease_tuned_served"]["lead"]["mrr"]  # type: ignore[index]
    assert lead["mean"] == pytest.approx(0.05 / 4)
    assert lead["low"] == 0 < lead["high"]


def test_finished_drinks_have_rows(rows: dict[str, dict[str, object]]) -> None:
    """Barback finishes drinks as a whole, and is compared with others and with its own steps."""
    finished = [name for name in rows if name.endswith("_finished")]
    assert finished == ["ease_tuned_finished", "barback_one_by_one_finished", "barback_finished"]
    assert (rows[finished[2]]["f1_of_one"], rows[finished[2]]["distinct"]) == (0.3, 1.0)
    assert rows[finished[0]]["f1_of_two"] == 0.4
    lead = rows[finished[1]]["lead"]["f1_of_two"]  # type: ignore[index]
    assert lead["mean"] == pytest.approx(0.2)


def test_novelty_has_rows(rows: dict[str, dict[str, object]]) -> None:
    """Each shows what novelty costs and what it brings."""
    assert rows["barback_novelty_0.25"] == {"hit10": 1.0, "popularity_rank": 30.0}
    assert sum(name.startswith("barback_novelty_") for name in rows) == 5


def test_the_file_of_figures_is_valid_json(rows: dict[str, dict[str, object]]) -> None:
    """JSON has no infinity, and the rank of a forbidden ingredient is infinite."""
    json.dumps(rows, allow_nan=False)
