"""The kinds that know texts and drinks: extract, categorize, similar, substitute, and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from functions.worker.document_lines import DocumentLines
from functions.worker.failures import Permanent
from functions.worker.pipelines import Pipelines, answer_with
from pipelines.errors import InputInvalid
from suggester.inputs import InputReader
from suggester.naming import Naming
from suggester.suggester import Suggester
from tests.fakes import REGISTRY, SMALL_VOCABULARY, RequestReader, small_pipelines
from tests.known_drinks import knowing_ranker

if TYPE_CHECKING:
    from suggester.vocabulary import Language


@pytest.fixture
def pipelines() -> Pipelines:
    return Pipelines(REGISTRY, Suggester(knowing_ranker(), version="test"))


def ask(pipelines: Pipelines, language: Language, **members: Any) -> dict[str, Any]:
    """Return the answer of one kind as the caller gets it."""
    stored = REGISTRY.encode(InputReader(REGISTRY, SMALL_VOCABULARY).read(members))
    [answer] = answer_with(pipelines)([stored])
    answer = answer.get("output", answer)
    return REGISTRY[members.get("kind", "next")].present(answer, Naming(SMALL_VOCABULARY, language))


def test_extract_finds_ingredients_with_quantities(pipelines: Pipelines) -> None:
    text = "200 мл молока, горсть клубники, без сахара"
    found = ask(pipelines, "en", kind="extract", text=text)
    assert [(i["ingredient"], i["quantity"], i["unit"]) for i in found["ingredients"]] == [
        ("milk", 200, "ml"),
        ("strawberry", 1, "handful"),
    ]
    assert [item["ingredient"] for item in found["excluded"]] == ["sugar"]
    assert all(text[i["start"] : i["end"]] in text for i in found["ingredients"])


def test_what_a_text_excludes_is_not_suggested(pipelines: Pipelines) -> None:
    """It may be an allergy."""
    found = ask(pipelines, "en", text="milk and strawberries, no ginger", top_k=20)
    names = {item["ingredient"] for item in found["suggestions"]}
    assert names == {"sugar", "orange juice"}
    assert [item["ingredient"] for item in found["understood"]["excluded"]] == ["ginger"]


def test_the_group_that_a_text_excludes_is_not_suggested(pipelines: Pipelines) -> None:
    found = ask(pipelines, "en", text="milk, no sulphites", top_k=20)
    assert {item["ingredient"] for item in found["suggestions"]} == {"sugar", "strawberry"}
    assert [item["ingredient"] for item in found["understood"]["excluded"]] == ["group:sulphites"]


def test_the_exclusions_of_a_text_add_to_those_of_the_request(pipelines: Pipelines) -> None:
    found = ask(pipelines, "en", text="milk without ginger", exclude=["sugar"], top_k=20)
    assert {item["ingredient"] for item in found["suggestions"]} == {"strawberry", "orange juice"}


def test_the_answer_says_what_was_not_understood(pipelines: Pipelines) -> None:
    found = ask(pipelines, "en", kind="complete", text="milk, 50 ml of paint")
    assert [item["text"] for item in found["understood"]["not_understood"]] == ["paint"]


@pytest.mark.parametrize("kind", ["next", "complete", "similar", "categorize"])
def test_a_text_that_excludes_something_unknown_is_not_answered(
    pipelines: Pipelines, kind: str
) -> None:
    """It may be an allergy."""
    with pytest.raises(Permanent, match="the text excludes with 'quux'; leave it"):
        answer_with(pipelines)([{"kind": kind, "text": "milk, no quux"}])


def test_extract_says_what_it_does_not_understand_of_exclusions(pipelines: Pipelines) -> None:
    found = ask(pipelines, "en", kind="extract", text="milk, no quux")
    assert [each["text"] for each in found["not_understood"]] == ["quux"]


@pytest.mark.parametrize("kind", ["next", "complete", "similar", "categorize"])
def test_a_text_that_names_an_ingredient_and_excludes_its_group_is_not_answered(
    pipelines: Pipelines, kind: str
) -> None:
    problem = "names 'ginger' and excludes group:sulphites, which contains it; leave one"
    with pytest.raises(Permanent, match=problem):
        answer_with(pipelines)([{"kind": kind, "text": "milk, ginger, no sulphites"}])


def test_extract_does_not_understand_an_ingredient_of_an_excluded_group(
    pipelines: Pipelines,
) -> None:
    found = ask(
        pipelines, "en", kind="extract", text="quux, milk, ginger, no sulphites, 50 ml of paint"
    )
    assert [each["ingredient"] for each in found["ingredients"]] == ["milk"]
    assert [each["text"] for each in found["not_understood"]] == ["quux", "ginger", "paint"]


def test_extract_lists_no_ingredient_that_the_text_excludes_elsewhere(
    pipelines: Pipelines,
) -> None:
    found = ask(pipelines, "en", kind="extract", text="milk, sugar, but no sugar")
    assert [each["ingredient"] for each in found["ingredients"]] == ["milk"]


def test_a_text_and_ingredients_are_refused_together() -> None:
    with pytest.raises(InputInvalid, match="text: cannot be combined with ingredients"):
        RequestReader().read({"text": "milk", "ingredients": ["sugar"]})


def test_categorize_returns_the_most_probable_categories(pipelines: Pipelines) -> None:
    found = ask(pipelines, "en", kind="categorize", ingredients=["milk"], top_k=1)
    assert [item["category"] for item in found["categories"]] == ["creamy"]


def test_similar_names_known_drinks_in_the_language_of_the_caller(pipelines: Pipelines) -> None:
    """With what they have besides, and what they lack."""
    given = {"kind": "similar", "ingredients": ["milk", "strawberry"]}
    [first, second, *_] = ask(pipelines, "ru", **given)["drinks"]
    assert (first["names"], first["similarity"]) == (["Розовое молоко", "Berry Milk"], 1)
    assert (second["missing"], second["extra"]) == (["сахар"], [])


@pytest.mark.parametrize("excluded", ["sugar", "group:sulphites"])
def test_similar_names_no_drink_with_an_excluded_ingredient(
    pipelines: Pipelines, excluded: str
) -> None:
    given = {"kind": "similar", "ingredients": ["milk", "water"], "exclude": [excluded]}
    found = ask(pipelines, "en", top_k=20, **given)["drinks"]
    forbidden = {"sugar"} if excluded == "sugar" else {"ginger", "orange juice"}
    assert found
    assert not {name for drink in found for name in drink["missing"]} & forbidden


def test_substitute_honours_the_filters(pipelines: Pipelines) -> None:
    """Neither the ingredient itself nor what the drink has is suggested."""
    given = {"kind": "substitute", "ingredients": ["water", "ginger"], "ingredient": "ginger"}
    found = ask(pipelines, "en", exclude=["sugar"], **given)["suggestions"]
    assert {item["ingredient"] for item in found} == {"strawberry", "orange juice"}


def test_an_ingredient_that_is_not_in_the_drink_cannot_be_replaced() -> None:
    drink = {"kind": "substitute", "ingredients": ["milk"], "ingredient": "sugar"}
    with pytest.raises(InputInvalid, match="ingredient: must be one of the ingredients"):
        RequestReader().read(drink)


def test_a_reason_names_drinks_that_contain_the_suggestion(pipelines: Pipelines) -> None:
    given = {"ingredients": ["milk", "strawberry"], "only": ["sugar"], "because": True}
    [suggestion] = ask(pipelines, "en", **given)["suggestions"]
    assert suggestion["because"]["share"] == pytest.approx(1)
    assert {"names": ["Sweet Pink Milk"]} in suggestion["because"]["drinks"]


def test_suggestions_have_no_reasons_unless_asked(pipelines: Pipelines) -> None:
    """They cost more than the suggestions."""
    [first, *_] = ask(pipelines, "en", ingredients=["milk"])["suggestions"]
    assert "because" not in first


def test_a_model_without_categories_refuses_to_categorize() -> None:
    with pytest.raises(Permanent, match="no categories"):
        answer_with(small_pipelines())([{"kind": "categorize"}])


@pytest.mark.parametrize("kind", ["similar", "substitute"])
def test_a_group_that_the_model_lacks_fails_the_task(kind: str) -> None:
    fields = {"kind": kind, "ingredients": ["milk"], "ingredient": "milk", "exclude": ["group:x"]}
    with pytest.raises(Permanent, match="or group is not in this model's vocabulary"):
        answer_with(small_pipelines())([fields])


def test_a_line_of_text_is_a_text_for_extract(pipelines: Pipelines) -> None:
    """Elsewhere it has names with semicolons between them."""
    lines = DocumentLines(pipelines, {"kind": "extract"}, "text", "en", {"task_id": "t1"})
    [line], failed = lines.answer([(1, b"2 cups of milk; ginger")])
    assert failed == 0
    assert '"ingredient":"milk","start":10,"end":14,"quantity":2.0,"unit":"cup"' in line


def test_a_line_with_a_text_is_answered_although_its_drink_is_not_known_yet(
    pipelines: Pipelines,
) -> None:
    """Sugar cannot begin a drink, but it can be added to the milk of the text."""
    lines = DocumentLines(pipelines, {}, "jsonl", "en", {"task_id": "t1"})
    [line], failed = lines.answer([(1, b'{"text": "milk", "only": ["sugar"]}')])
    assert failed == 0
    assert '"result":"sugar"' in line


def test_a_line_whose_text_leaves_nothing_to_suggest_says_so(pipelines: Pipelines) -> None:
    lines = DocumentLines(pipelines, {}, "jsonl", "en", {"task_id": "t1"})
    [line], failed = lines.answer([(1, b'{"text": "milk, no sugar", "only": ["sugar"]}')])
    assert failed == 1
    assert "nothing-to-suggest" in line
