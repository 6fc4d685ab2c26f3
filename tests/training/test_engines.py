"""Both engines give the same answers, and the answer for a row depends on that row alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from suggester.artifacts import Artifacts
from suggester.engines import ENGINES
from suggester.ranker import Ranker

CORPUS = Path(__file__).parents[2] / "layers/model/training/corpus/drinks.jsonl"
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def rankers() -> dict[str, Ranker]:
    artifacts = Artifacts.open()
    return {engine: Ranker.load(artifacts, engine) for engine in ENGINES}


@pytest.fixture(scope="module")
def drinks(rankers: dict[str, Ranker]) -> np.ndarray:
    """Return the corpus as (B, V) multi-hot drinks, each without its last ingredient."""
    ranker = rankers["litert"]
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    ids = []
    for line in lines:
        found = [ranker.vocabulary.find(name) for name in json.loads(line)["ingredients"]]
        ids.append([entry.id for entry in found if entry is not None][:-1])
    return ranker.masks.multi_hot(ids)


def probabilities(ranker: Ranker, drinks: np.ndarray, size: int) -> np.ndarray:
    """Rank the drinks in batches of the given size, without filters."""
    everything = np.ones_like(drinks)
    batches = [
        ranker.probabilities(drinks[at : at + size], everything[at : at + size])
        for at in range(0, len(drinks), size)
    ]
    return np.concatenate(batches)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_the_engines_agree(rankers: dict[str, Ranker], drinks: np.ndarray, size: int) -> None:
    """Their probabilities differ by less than 1e-5 on every recipe of the corpus."""
    served, reference = (probabilities(rankers[engine], drinks, size) for engine in ENGINES)
    assert np.abs(served - reference).max() < TOLERANCE


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_does_not_depend_on_its_batch(
    rankers: dict[str, Ranker], drinks: np.ndarray, engine: str
) -> None:
    """A drink has the same probabilities, to 1e-5, in batches of any size."""
    some = drinks[::5]
    alone = probabilities(rankers[engine], some, 1)
    for size in (7, 33, 100, len(some)):
        assert np.abs(probabilities(rankers[engine], some, size) - alone).max() < TOLERANCE


def test_probabilities_add_up_to_one(rankers: dict[str, Ranker], drinks: np.ndarray) -> None:
    """The probabilities of a drink add up to 1, and chosen ingredients have probability 0."""
    found = probabilities(rankers["litert"], drinks, 100)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert not found[drinks].any()
