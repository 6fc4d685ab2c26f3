"""Allergen groups: an exclusion of a group is honoured, or the request is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.worker.document_lines import DocumentLines
from functions.worker.failures import Permanent
from functions.worker.pipelines import answer_with
from pipelines.errors import InputInvalid
from suggester.drinks import describe_unknown
from suggester.errors import ArtifactInvalid, IngredientsUnknown, RequestInvalid
from suggester.groups import members_by_group
from suggester.requests import Request
from suggester.vocabulary import LANGUAGES, Ingredient, Vocabulary
from tests.fakes import (
    REGISTRY,
    SMALL_VOCABULARY,
    WITHOUT_GROUPS,
    RequestReader,
    small_pipelines,
    small_suggester,
)

if TYPE_CHECKING:
    from suggester.vocabulary import Language

GROUPS = ("dairy", "soy", "tree-nuts")
RULE = "a group, such as group:dairy, is allowed in exclude only"
GROWING = ("next", "complete")  # the kinds that add ingredients

CONTAINS = st.none() | st.lists(st.sampled_from(GROUPS), unique=True).map(tuple)
VOCABULARIES = st.tuples(*(CONTAINS for _ in SMALL_VOCABULARY.ingredients)).map(
    lambda column: Vocabulary(
        replace(entry, contains=contains)
        for entry, contains in zip(SMALL_VOCABULARY.ingredients, column, strict=True)
    )
)
DRINKS = st.fixed_dictionaries(
    {
        "ingredients": st.lists(st.sampled_from(["milk", "Вода", "sugar"]), unique=True),
        "kind": st.sampled_from(GROWING),
        "exclude": st.lists(st.sampled_from(GROUPS), min_size=1, unique=True),
    }
)


def test_an_ingredient_without_data_is_in_every_group() -> None:
    """One that contains nothing is in none."""
    contains = {"milk": ["dairy"], "tofu": ["soy"], "water": [], "mystery": None}
    assert members_by_group(contains) == {
        "group:dairy": {"milk", "mystery"},
        "group:soy": {"tofu", "mystery"},
    }


@given(VOCABULARIES, DRINKS, st.sampled_from(LANGUAGES))
def test_an_excluded_group_never_appears_in_an_answer(
    vocabulary: Vocabulary, drink: dict[str, Any], language: Language
) -> None:
    """Of any kind, in any language. A line is answered, or is refused for a reason that holds."""
    groups = drink["exclude"]
    forbidden = {
        name
        for entry in vocabulary.ingredients
        if entry.contains is None or {*entry.contains} & {*groups}
        for name in (entry.id, entry.en, entry.ru)
    }
    line = drink | {"exclude": [f"Group:{group.upper()}" for group in groups]}
    lines = DocumentLines(
        small_pipelines(None, vocabulary), {}, "jsonl", language, {"task_id": "t1"}
    )
    [text], _ = lines.answer([(1, json.dumps(line).encode())])
    answer = json.loads(text)
    known = {f"group:{group}" for entry in vocabulary.ingredients for group in entry.contains or ()}
    if not {f"group:{group}" for group in groups} <= known:
        assert answer["error"]["type"] == "unknown-ingredient"
    elif "error" in answer:
        assert answer["error"]["type"] == "nothing-to-suggest"
        chosen = {found.id for name in drink["ingredients"] if (found := vocabulary.find(name))}
        assert vocabulary.candidates(chosen) <= forbidden
    else:
        names = {item["ingredient"] for item in answer["suggestions"]}
        assert names
        assert not ({*answer["result"].split(";")} | names) & forbidden


@pytest.mark.parametrize("spelling", ["group:dairy", " Group:DAIRY ", "gro\u200bup：dairy"])
def test_every_spelling_of_a_group_is_found(spelling: str) -> None:
    """It stays a group, so that the model that answers uses its own data."""
    request = RequestReader(SMALL_VOCABULARY).read({"exclude": [spelling, "sugar"]})
    assert request.exclude == ("group:dairy", "sugar")


def test_groups_of_a_drink_add_to_the_defaults() -> None:
    """Like other exclusions."""
    reader = RequestReader(SMALL_VOCABULARY, Request(exclude=("group:dairy",)))
    request = reader.read({"exclude": ["group:sulphites", "sugar"]})
    assert request.exclude == ("group:dairy", "group:sulphites", "sugar")


@pytest.mark.parametrize("ignore_unknown", [False, True])
@pytest.mark.parametrize(
    ("vocabulary", "group"), [(SMALL_VOCABULARY, "group:dairi"), (WITHOUT_GROUPS, "group:dairy")]
)
def test_an_unknown_group_is_refused(
    vocabulary: Vocabulary, group: str, *, ignore_unknown: bool
) -> None:
    """It is never dropped."""
    reader = RequestReader(vocabulary, ignore_unknown=ignore_unknown)
    with pytest.raises(IngredientsUnknown) as raised:
        reader.read({"exclude": ["milk", group]})
    assert (raised.value.names, raised.value.excluded) == ([group], [group])


@pytest.mark.parametrize("field", ["ingredients", "only"])
def test_a_group_is_refused_outside_of_exclude(field: str) -> None:
    """Even if unknown names are ignored."""
    assert REGISTRY.check({field: ["milk", "GROUP:dairy"]}) == [(f"{field}[1]", RULE)]
    reader = RequestReader(SMALL_VOCABULARY, ignore_unknown=True)
    with pytest.raises(InputInvalid):
        reader.read({field: ["group:dairy"]})
    with pytest.raises(InputInvalid):
        reader.read_names(["group:dairy"])


NO_DATA = (
    "'group:dairy' is not known, because this model has no data on allergens; exclude ingredients "
    "by their names. GET /api/ingredients?q= lists names"
)
LUPIN = "'group:lupin' is not known; the groups are group:dairy, group:sulphites."
DAIRI = "'group:dairi' is not known; did you mean group:dairy?"
DIARY = "'diary' is not known; did you mean group:dairy? GET /api/ingredients?q= lists names"


@pytest.mark.parametrize(
    ("vocabulary", "name", "sentence"),
    [
        (SMALL_VOCABULARY, "group:dairi", f"{DAIRI} GET /api/groups lists groups"),
        (SMALL_VOCABULARY, "group:lupin", f"{LUPIN} GET /api/groups lists groups"),
        (SMALL_VOCABULARY, "diary", DIARY),
        (WITHOUT_GROUPS, "group:dairy", NO_DATA),
        (WITHOUT_GROUPS, "dairy", "'dairy' is not known. GET /api/ingredients?q= lists names"),
    ],
)
def test_the_refusal_of_a_group_names_the_known_ones(
    vocabulary: Vocabulary, name: str, sentence: str
) -> None:
    nearest = {name: vocabulary.nearest(name, groups=True)}
    assert describe_unknown(nearest, vocabulary) == sentence


def test_a_group_is_proposed_only_for_exclusions() -> None:
    """Elsewhere it would be refused."""
    assert SMALL_VOCABULARY.nearest("dairy") == []


@pytest.mark.parametrize("kind", GROWING)
@pytest.mark.parametrize("group", ["group:lupin", "group:", "group:milk"])
def test_a_task_whose_group_the_model_does_not_have_fails(kind: str, group: str) -> None:
    """Its message may come from an API with another model."""
    fields = {"ingredients": ["milk"], "kind": kind, "exclude": ["sugar", group]}
    with pytest.raises(Permanent, match="or group is not in this model's vocabulary"):
        answer_with(small_pipelines())([fields])
    with pytest.raises(RequestInvalid):
        SMALL_VOCABULARY.candidates(["milk"], [group])


def test_a_group_is_answered_with_the_data_of_the_model_that_answers() -> None:
    """The model may have been replaced since the submission."""
    request = Request(("milk",), exclude=("group:sulphites",))
    changed = [replace(entry, contains=("sulphites",)) for entry in SMALL_VOCABULARY.ingredients]
    changed[4] = replace(changed[4], contains=())
    [before] = small_suggester().answer([request])
    [after] = small_suggester(vocabulary=Vocabulary(changed)).answer([request])
    assert {suggestion.ingredient for suggestion in before.suggestions} == {"strawberry", "sugar"}
    assert {suggestion.ingredient for suggestion in after.suggestions} == {"sugar"}


@pytest.mark.parametrize("name", ["group:dairy", "Group: x", "ｇroup:x"])
def test_no_ingredient_has_the_name_of_a_group(name: str) -> None:
    """It could not be excluded."""
    with pytest.raises(ArtifactInvalid, match="only groups may have such a name"):
        Vocabulary([Ingredient("x", "x", "", (name,), base=True, additive=True)])
