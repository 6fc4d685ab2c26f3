"""Tests of the drinks that the benchmarks submit."""

from __future__ import annotations

from benchmarks.drinks import make_drinks
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary


def test_the_drinks_use_names_of_the_vocabulary() -> None:
    """Every call returns the same drinks, and no drink has a name twice."""
    vocabulary = Vocabulary.load(Artifacts.open())
    drinks = make_drinks(100)
    assert drinks == make_drinks(100)
    assert len(drinks) == 100
    for drink in drinks:
        assert 1 <= len(set(drink)) == len(drink) <= 4
        assert {entry.en for entry in map(vocabulary.find, drink) if entry} == set(drink)
