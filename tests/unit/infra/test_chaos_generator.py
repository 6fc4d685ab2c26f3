"""Tests of the generated workload."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import chain
from random import Random
from typing import TYPE_CHECKING

from infra.chaos.generator import Document, Drink, Operation, WorkloadGenerator
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

TASKS = 1000
FIELDS = {"ingredients", "kind", "top_k", "novelty", "length", "exclude", "only"}


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary.load(Artifacts.open())


def new_generator() -> WorkloadGenerator:
    return WorkloadGenerator(vocabulary(), Random(1))


def all_drinks(operations: Iterable[Operation]) -> list[Drink]:
    """All drinks that are tasks of their own."""
    questions = chain.from_iterable(operation.questions for operation in operations)
    return [question for question in questions if isinstance(question, Drink)]


def all_documents(operations: Iterable[Operation]) -> list[Document]:
    questions = chain.from_iterable(operation.questions for operation in operations)
    return [question for question in questions if isinstance(question, Document)]


def test_the_same_seed_gives_the_same_operations() -> None:
    """Two generators with equal seeds agree."""
    assert new_generator().operations(TASKS) == new_generator().operations(TASKS)


def test_the_operations_have_the_given_number_of_drinks() -> None:
    """The drinks come as single requests and as arrays that one Idempotency-Key can cover."""
    operations = new_generator().operations(TASKS)
    assert len(all_drinks(operations)) == TASKS
    assert {len(operation.questions) == 1 for operation in operations} == {True, False}
    assert max(len(operation.questions) for operation in operations) <= 99


def test_the_documents_are_submitted_early() -> None:
    """Each operation has its own number, although documents are moved forward."""
    operations = new_generator().operations(TASKS)
    places = [place for place, operation in enumerate(operations) if all_documents([operation])]
    assert len(places) == 2
    assert max(places) <= len(operations) // 2 + len(places)
    assert len({operation.number for operation in operations}) == len(operations)


def test_a_document_has_one_poisoned_line_and_one_language() -> None:
    for document in all_documents(new_generator().operations(TASKS)):
        assert [drink.poisoned for drink in document.drinks].count(True) == 1
        assert {drink.language for drink in document.drinks} == {document.language}
        assert {(drink.priority, drink.deadline) for drink in document.drinks} == {
            ("interactive", None)
        }


def test_a_large_document_needs_several_batches() -> None:
    """The number of lines grows with the number of tasks, up to a limit."""
    [small] = all_documents(new_generator().operations(100))
    large = all_documents(new_generator().operations(TASKS))
    assert len(small.drinks) == 2000
    assert {len(document.drinks) for document in large} == {6000}


def test_some_operations_are_replayed_and_some_are_cancelled() -> None:
    """Others are neither."""
    operations = new_generator().operations(TASKS)
    assert {operation.replay for operation in operations} == {True, False}
    assert {operation.cancel for operation in operations} == {True, False}


def test_only_poisoned_drinks_contain_both_poisonous_ingredients() -> None:
    """The flag of a drink says whether the model crashes on it."""
    generator = new_generator()
    drinks = all_drinks(generator.operations(TASKS))
    for drink in drinks:
        assert drink.poisoned is set(generator.poison).issubset(drink.request.ingredients)
    assert {drink.poisoned for drink in drinks} == {True, False}


def test_every_drink_leaves_something_to_suggest() -> None:
    """The API rejects none of them."""
    for drink in all_drinks(new_generator().operations(TASKS)):
        request = drink.request
        assert vocabulary().candidates(request.ingredients, request.exclude, request.only)


def test_some_drinks_exclude_a_group_of_a_model_that_has_groups() -> None:
    """The API takes the name of the group, and something is left to suggest."""
    entries = vocabulary().ingredients
    dairy = [replace(entry, contains=("dairy",) if "milk" in entry.id else ()) for entry in entries]
    grouped = Vocabulary(dairy)
    generator = WorkloadGenerator(grouped, Random(1))
    drinks = all_drinks(generator.operations(TASKS))
    excluding = [drink for drink in drinks if "group:dairy" in drink.request.exclude]
    assert len(excluding) > TASKS / 10
    for drink in excluding:
        request = drink.request
        assert "group:dairy" in generator.body(drink)["exclude"]
        assert grouped.candidates(request.ingredients, request.exclude, request.only)


def test_the_drinks_use_every_option() -> None:
    """All fields, languages and priorities occur."""
    drinks = all_drinks(new_generator().operations(TASKS))
    assert set(chain.from_iterable(drink.request.to_json() for drink in drinks)) == FIELDS
    assert {drink.language for drink in drinks} == {"en", "ru"}
    assert {drink.priority for drink in drinks} == {"interactive", "bulk"}


def test_names_are_in_the_client_s_language() -> None:
    """The vocabulary finds each name of the body, and finds the ingredients of the request."""
    generator = new_generator()
    for drink in all_drinks(generator.operations(100)):
        entries = map(vocabulary().find, generator.body(drink).get("ingredients", []))
        ids = {entry.id if entry else None for entry in entries}
        assert ids == set(drink.request.ingredients)


def test_the_body_omits_default_values() -> None:
    """A drink with the default priority and without a deadline has no such fields."""
    generator = new_generator()
    request = all_drinks(generator.operations(1))[0].request
    assert generator.body(Drink(request)).keys() <= FIELDS
