"""The categories of a drink."""

from __future__ import annotations

import numpy as np
import pytest

from suggester.categorize import Category, categorize
from suggester.errors import RequestInvalid
from tests.fakes import small_ranker
from tests.known_drinks import knowing_ranker


def categories(*drink: str, top_k: int = 5) -> list[Category]:
    ranker = knowing_ranker()
    return categorize(ranker, ranker.masks.multi_hot([drink]), [top_k])[0]


def test_the_most_probable_category_comes_first() -> None:
    assert [found.category for found in categories("milk", "sugar")] == ["creamy", "fresh"]
    assert [found.category for found in categories("water", "ginger")] == ["fresh", "creamy"]


def test_the_probabilities_add_up_to_1() -> None:
    assert sum(found.probability for found in categories("milk", "ginger")) == pytest.approx(1)


def test_an_empty_drink_gets_the_shares_of_the_categories() -> None:
    found = dict(categories())
    assert found == pytest.approx({"fresh": 0.75, "creamy": 0.25}, abs=1e-3)


def test_no_more_categories_are_named_than_wanted() -> None:
    assert [found.category for found in categories("milk", top_k=1)] == ["creamy"]


def test_a_model_without_categories_says_how_to_get_them() -> None:
    ranker = small_ranker()
    with pytest.raises(RequestInvalid, match=r"no categories; train a model .* category\.$"):
        categorize(ranker, np.zeros((1, 6), np.bool_), [1])
