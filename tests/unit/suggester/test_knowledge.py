"""The files of a model that not every question needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from suggester.artifacts import Artifacts
from suggester.errors import ArtifactInvalid
from suggester.knowledge import CATEGORIES, EMBEDDING, FILES, Knowledge
from suggester.known_drinks import FILE, DrinkName
from suggester.ranker import Ranker
from tests.known_drinks import NAMES, knowledge_of, npz

BROKEN = {
    "no JSON": b"{",
    "no object": b"[]",
    "no rows": b'{"categories": []}',
    "too few rows": b'{"categories": [], "drinks": [[]]}',
    "an odd row": b'{"categories": [], "drinks": [[], ["Latte"]]}',
    "no list": b'{"categories": [], "drinks": [[], "abc"]}',
}


def test_a_recipe_has_the_names_of_its_drinks() -> None:
    drinks = knowledge_of().drinks
    assert drinks.names(0) == (DrinkName("Pink Milk", "Розовое молоко"), DrinkName("Berry Milk"))


def test_a_drink_with_only_a_category_has_no_name() -> None:
    drinks = knowledge_of([["", "", 1], [], *NAMES[2:]]).drinks
    assert [drinks.names(0), drinks.names(1)] == [(), ()]
    assert drinks.is_named.tolist() == [False, False, True, True, True, True]


def test_a_model_without_the_files_knows_nothing() -> None:
    knowledge = Knowledge({}, 2, 3)
    assert knowledge.drinks.names(1) == ()
    assert not knowledge.drinks.is_named.any()
    assert (knowledge.classifier, knowledge.embedding) == (None, None)


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_broken_names_are_refused(content: bytes) -> None:
    with pytest.raises(ArtifactInvalid, match=rf"^{FILE} .*make train"):
        _ = Knowledge({FILE: content}, 2, 3).drinks


@pytest.mark.parametrize(
    "arrays", [{"weights": np.zeros((5, 2)), "bias": np.zeros(2)}, {"weights": np.zeros((6, 2))}]
)
def test_a_classifier_of_another_model_is_refused(arrays: dict[str, Any]) -> None:
    """It has another number of ingredients, or lacks a part."""
    names = knowledge_of(categories=False)._files[FILE]  # noqa: SLF001
    files = {FILE: names, CATEGORIES: npz(**arrays)}
    with pytest.raises(ArtifactInvalid, match=rf"^{CATEGORIES} .*make train"):
        _ = Knowledge(files, len(NAMES), 6).classifier


@pytest.mark.parametrize(
    "content", [npz(embedding=np.zeros((5, 2))), npz(embedding=np.eye(6))[:99], b"PK", b""]
)
def test_an_embedding_of_another_model_is_refused(content: bytes) -> None:
    with pytest.raises(ArtifactInvalid, match=rf"^{EMBEDDING} .*make train"):
        _ = Knowledge({EMBEDDING: content}, 2, 6).embedding


def test_the_shipped_model_knows_its_drinks() -> None:
    """Every file is present and fits the others."""
    artifacts = Artifacts.open()
    assert artifacts.digests.keys() >= set(FILES)
    knowledge = Ranker.load(artifacts, "litert").knowledge
    assert knowledge.drinks.is_named.all()
    assert knowledge.classifier is not None
    assert knowledge.embedding is not None
