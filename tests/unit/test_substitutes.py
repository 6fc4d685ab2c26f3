"""The substitutes of the shipped model, beside groups of like ingredients written by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from suggester.artifacts import Artifacts
from suggester.ranker import Ranker
from suggester.substitute import substitute

CORPUS = Path(__file__).parents[2] / "layers/model/training/corpus"
GROUPS = [
    line.split(";")
    for line in (CORPUS / "substitutes.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
ALIKE = {
    name: {other for group in GROUPS if name in group for other in group}
    for group in GROUPS
    for name in group
}
TOP = 5


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    """Return the ranker of the shipped model."""
    return Ranker.load(Artifacts.open(), "litert")


def test_the_groups_contain_known_ingredients(ranker: Ranker) -> None:
    assert ALIKE.keys() <= ranker.vocabulary.index.keys()
    assert all(len(set(group)) == len(group) > 1 for group in GROUPS)


def shares(ranker: Ranker, *, roles: bool) -> tuple[float, float]:
    """Return how often the first of the substitutes is alike, and one of the first five.

    Each third drink loses each of its ingredients that has a group.
    """
    recipes, columns = ranker.recipes, ranker.vocabulary.index
    cases = [
        (row, column)
        for row in range(0, len(recipes), 3)
        for column in recipes[row].tolist()
        if ranker.ids[column] in ALIKE
    ]
    chosen = np.zeros((len(cases), len(columns)), np.bool_)
    for case, (row, _) in enumerate(cases):
        chosen[case, recipes[row]] = True
    replaced = np.array([column for _, column in cases])
    if roles:
        novelty = np.zeros(len(cases), np.float32)
        found = substitute(
            ranker, chosen, replaced, np.ones_like(chosen), novelty, [TOP] * len(cases)
        )
        names = [[each.ingredient for each in row] for row in found]
    else:
        chosen[np.arange(len(cases)), replaced] = False
        allowed = np.ones_like(chosen)
        allowed[np.arange(len(cases)), replaced] = False
        best = np.argsort(-ranker.probabilities(chosen, allowed), axis=1)[:, :TOP]
        names = [ranker.ids[row].tolist() for row in best]
    hits = np.array(
        [
            [name in ALIKE[ranker.ids[column]] for name in row[:TOP]]
            for row, column in zip(names, replaced, strict=True)
        ]
    )
    return float(hits[:, 0].mean()), float(hits.any(axis=1).mean())


def test_substitutes_are_more_alike_than_the_next_ingredients(ranker: Ranker) -> None:
    first, among_five = shares(ranker, roles=True)
    plain_first, plain_among_five = shares(ranker, roles=False)
    assert first > 1.3 * plain_first, (first, plain_first)
    assert among_five > 1.2 * plain_among_five, (among_five, plain_among_five)


@pytest.mark.parametrize(
    ("drink", "replaced", "exclude", "expected"),
    [
        (("espresso", "milk"), "milk", ("group:dairy",), "oat-milk"),
        (("black-tea", "lemon", "sugar"), "sugar", (), "honey"),
        (("mint", "lime", "sugar", "sparkling-water", "ice"), "lime", (), "lemon"),
    ],
)
def test_a_well_known_substitute_comes_first(
    ranker: Ranker,
    drink: tuple[str, ...],
    replaced: str,
    exclude: tuple[str, ...],
    expected: str,
) -> None:
    chosen, allowed = ranker.masks.multi_hot([drink]), ~ranker.masks.excluded([exclude])
    column = np.array([ranker.vocabulary.index[replaced]])
    [found] = substitute(ranker, chosen, column, allowed, np.zeros(1, np.float32), [TOP])
    assert found[0].ingredient == expected
    dairy = ranker.vocabulary.groups["group:dairy"]
    assert not exclude or not dairy & {each.ingredient for each in found}
