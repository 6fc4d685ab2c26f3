"""Both engines give the same answers, and each row's answer depends on that row alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from suggester.artifacts import Artifacts
from suggester.engines import ENGINES
from suggester.requests import Request
from suggester.suggester import Suggester

CORPUS = Path(__file__).parents[3] / "layers/model/training/corpus/drinks.jsonl"
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def suggesters() -> dict[str, Suggester]:
    artifacts = Artifacts.open()
    return {engine: Suggester.load(artifacts, engine) for engine in ENGINES}


@pytest.fixture(scope="module")
def drinks(suggesters: dict[str, Suggester]) -> np.ndarray:
    """Return the corpus as (B, V) multi-hot drinks, each less its last ingredient."""
    vocabulary = suggesters["litert"].vocabulary
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    ids = []
    for line in lines:
        found = [vocabulary.find(name) for name in json.loads(line)["ingredients"]]
        ids.append([entry.id for entry in found if entry is not None][:-1])
    return suggesters["litert"].masks.multi_hot(ids)


def probabilities(suggester: Suggester, drinks: np.ndarray, size: int) -> np.ndarray:
    """Answer the drinks in batches of that size, nothing excluded."""
    everything = np.ones_like(drinks)
    batches = [
        suggester.probabilities(drinks[at : at + size], everything[at : at + size])
        for at in range(0, len(drinks), size)
    ]
    return np.concatenate(batches)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_the_engines_agree(suggesters: dict[str, Suggester], drinks: np.ndarray, size: int) -> None:
    """On every recipe of the corpus, at every batch size, to 1e-5."""
    served, reference = (probabilities(suggesters[engine], drinks, size) for engine in ENGINES)
    assert np.abs(served - reference).max() < TOLERANCE


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_depends_on_nothing_else_in_its_batch(
    suggesters: dict[str, Suggester], drinks: np.ndarray, engine: str
) -> None:
    """Alone, among 7, among 100 and among all, a drink has the same answer to 1e-5."""
    some = drinks[::5]
    alone = probabilities(suggesters[engine], some, 1)
    for size in (7, 33, 100, len(some)):
        assert np.abs(probabilities(suggesters[engine], some, size) - alone).max() < TOLERANCE


def test_probabilities_add_up_to_one(suggesters: dict[str, Suggester], drinks: np.ndarray) -> None:
    """Over the allowed names of every drink, and nothing outside them."""
    suggester = suggesters["litert"]
    found = probabilities(suggester, drinks, 100)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert not found[drinks].any()


def test_the_order_of_ingredients_does_not_matter(suggesters: dict[str, Suggester]) -> None:
    """The same set in another order is the same drink."""
    names = ("milk", "black-tea", "ginger", "sugar")
    first, second = suggesters["litert"].answer([Request(names), Request(names[::-1])])
    assert first == second
