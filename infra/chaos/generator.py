"""Generates the workload; the same seed gives the same operations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from suggester.requests import MAX_TOP_K, Request
from suggester.vocabulary import LANGUAGES
from tasks.task import Lane

if TYPE_CHECKING:
    from random import Random

    from suggester.vocabulary import Language, Vocabulary

MAX_ARRAY: Final = 25  # drinks in one request
TASKS_PER_DOCUMENT: Final = 500  # tasks of drinks for each document, rounded up
DISTINCT_LINES: Final = 300  # in a document; the others repeat them
LINES_PER_TASK: Final = 20  # in a document
MAX_LINES: Final = 6000  # in a document
POISONED_RATE: Final = 0.01
SHORT_DEADLINE_RATE: Final = 0.01
SHORT_DEADLINE: Final = 2  # seconds


@dataclass(frozen=True, slots=True)
class Drink:
    """One drink of an operation, with the properties that decide how its task may end."""

    request: Request
    language: Language = "en"
    priority: Lane = Lane.INTERACTIVE
    deadline: int | None = None  # seconds
    poisoned: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A file with one drink in each line. All drinks have the language of the document."""

    drinks: tuple[Drink, ...]
    language: Language = "en"
    deadline: None = None
    poisoned: bool = False  # a poisoned line fails alone


Question = Drink | Document  # what one task is about


@dataclass(frozen=True, slots=True)
class Operation:
    """One submission by a client, who may then send it again or cancel its first task."""

    number: int
    questions: tuple[Drink, ...] | tuple[Document]
    replay: bool = False
    cancel: bool = False


class WorkloadGenerator:
    """Generates operations from a vocabulary and a random number generator.

    Attributes:
        poison: two ingredients that occur together only in drinks that crash the model.
    """

    def __init__(self, vocabulary: Vocabulary, rng: Random) -> None:
        self._vocabulary = vocabulary
        self._rng = rng
        self._groups = list(vocabulary.groups)
        self._bases = [entry.id for entry in vocabulary.ingredients if entry.base]
        additives = [entry.id for entry in vocabulary.ingredients if entry.additive]
        *self._additives, one, other = [name for name in additives if name not in self._bases]
        self.poison = (one, other)

    def operations(self, tasks: int) -> list[Operation]:
        """Generate operations that contain this many drinks in total, and some documents."""
        operations: list[Operation] = []
        left = tasks
        while left:
            size = min(left, self._size())
            left -= size
            operations.append(
                Operation(
                    number=len(operations),
                    questions=tuple(self._drink() for _ in range(size)),
                    replay=self._happens(0.1),
                    cancel=self._happens(0.05),
                )
            )
        lines = min(MAX_LINES, LINES_PER_TASK * tasks)
        for _ in range(ceil(tasks / TASKS_PER_DOCUMENT)):
            questions = (self._document(lines),)
            operation = Operation(len(operations), questions, replay=self._happens(0.5))
            operations.insert(self._rng.randrange(len(operations) // 2 + 1), operation)
        return operations

    def _document(self, lines: int) -> Document:
        """Return a document with one poisoned line."""
        language = self._rng.choice(LANGUAGES)
        drinks = [Drink(self._request(), language) for _ in range(DISTINCT_LINES)]
        repeated = [drinks[number % len(drinks)] for number in range(lines)]
        poisoned = Drink(self._poisoned_request(), language, poisoned=True)
        repeated[self._rng.randrange(lines)] = poisoned
        return Document(tuple(repeated), language)

    def body(self, drink: Drink) -> dict[str, Any]:
        """Return the JSON of a drink, with the names in the client's language."""
        fields = drink.request.to_json()
        for field in fields.keys() & {"ingredients", "exclude", "only"}:
            fields[field] = [self._name(name, drink.language) for name in fields[field]]
        if drink.priority is not Lane.INTERACTIVE:
            fields["priority"] = drink.priority
        if drink.deadline is not None:
            fields["deadline_seconds"] = drink.deadline
        return fields

    def _size(self) -> int:
        if self._happens(0.6):
            return 1
        return self._rng.randint(2, MAX_ARRAY if self._happens(0.2) else 8)

    def _happens(self, probability: float) -> bool:
        return self._rng.random() < probability

    def _drink(self) -> Drink:
        poisoned = self._happens(POISONED_RATE)
        return Drink(
            request=self._poisoned_request() if poisoned else self._request(),
            language=self._rng.choice(LANGUAGES),
            priority=Lane.BULK if self._happens(0.4) else Lane.INTERACTIVE,
            deadline=SHORT_DEADLINE if self._happens(SHORT_DEADLINE_RATE) else None,
            poisoned=poisoned,
        )

    def _poisoned_request(self) -> Request:
        return Request(ingredients=(self._rng.choice(self._bases), *self.poison))

    def _request(self) -> Request:
        request = self._without_group()
        if not self._groups or self._happens(0.8):
            return request
        exclude = (*request.exclude, self._rng.choice(self._groups))
        candidates = self._vocabulary.candidates(request.ingredients, exclude, request.only)
        return replace(request, exclude=exclude) if candidates else request

    def _without_group(self) -> Request:
        sample = self._rng.sample
        if self._happens(0.05):
            return Request(exclude=tuple(sample(self._bases, 3)))
        additives = sample(self._additives, 20)
        drink = (self._rng.choice(self._bases), *additives[: self._rng.randint(0, 3)])
        exclude = tuple(additives[3:6]) if self._happens(0.2) else ()
        only = tuple(additives[6:]) if self._happens(0.1) else None
        if self._happens(0.1):
            length = self._rng.choice([None, len(drink) + self._rng.randint(1, 3)])
            return Request(drink, kind="complete", length=length, exclude=exclude, only=only)
        top_k = self._rng.randint(1, MAX_TOP_K) if self._happens(0.5) else Request().top_k
        novelty = self._rng.choice([0.0, 0.0, 0.5])
        return Request(drink, top_k=top_k, exclude=exclude, only=only, novelty=novelty)

    def _name(self, ingredient: str, language: Language) -> str:
        if ingredient in self._groups:
            return ingredient
        entries = self._vocabulary.ingredients
        return entries[self._vocabulary.index[ingredient]].name(language)
