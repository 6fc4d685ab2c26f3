"""What the callers ask is of every kind, valid, and the same for the same seed."""

from __future__ import annotations

from functools import cache
from itertools import chain
from random import Random
from typing import TYPE_CHECKING

from infra.chaos.generator import Bartender, Question, Submission
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

TASKS = 1000


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary.load(Artifacts.open())


def bartender() -> Bartender:
    return Bartender(vocabulary(), Random(1))


def questions(submissions: Iterable[Submission]) -> list[Question]:
    return list(chain.from_iterable(submission.questions for submission in submissions))


def test_a_seed_always_gives_the_same_drinks() -> None:
    """As many drinks as were asked for, in single requests and in arrays that a key can have."""
    submissions = bartender().submissions(TASKS)
    assert submissions == bartender().submissions(TASKS)
    assert len(questions(submissions)) == TASKS
    assert {len(submission.questions) == 1 for submission in submissions} == {True, False}
    assert max(len(submission.questions) for submission in submissions) <= 99
    assert {submission.replayed for submission in submissions} == {True, False}
    assert {submission.cancelled for submission in submissions} == {True, False}


def test_only_poisoned_drinks_have_the_poison() -> None:
    """The pair that crashes the model meets in the drinks that are marked, and nowhere else."""
    made = bartender()
    asked = questions(made.submissions(TASKS))
    for question in asked:
        assert question.poisoned is set(made.poison).issubset(question.request.ingredients)
    assert {question.poisoned for question in asked} == {True, False}


def test_every_drink_has_something_to_suggest() -> None:
    """No question is one that the API would refuse, and all kinds of fields are used."""
    asked = questions(bartender().submissions(TASKS))
    for request in (question.request for question in asked):
        assert vocabulary().candidates(request.ingredients, request.exclude, request.only)
    fields = set(chain.from_iterable(question.request.to_json() for question in asked))
    assert fields == {"ingredients", "kind", "top_k", "length", "exclude", "only"}
    assert {question.language for question in asked} == {"en", "ru"}
    assert {question.priority for question in asked} == {"interactive", "bulk"}


def test_names_are_in_the_caller_s_language() -> None:
    """The body names what the question means, and says nothing of what has its default."""
    made = bartender()
    for question in questions(made.submissions(100)):
        body = made.body(question)
        ids = {
            found.id if (found := vocabulary().find(name)) else None
            for name in body.get("ingredients", [])
        }
        assert ids == set(question.request.ingredients)
    assert made.body(Question(made.submissions(1)[0].questions[0].request)).keys() <= {
        "ingredients",
        "kind",
        "top_k",
        "length",
        "exclude",
        "only",
    }
