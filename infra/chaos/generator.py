"""Makes up what the callers ask: the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from suggester.requests import MAX_TOP_K, Request
from suggester.vocabulary import LANGUAGES
from tasks.model import Priority

if TYPE_CHECKING:
    from random import Random

    from suggester.vocabulary import Language, Vocabulary

MOST: Final = 25  # drinks in an array
POISONED: Final = 0.01
HURRIED: Final = 0.01
HURRY: Final = 2  # seconds until the deadline of a task in a hurry


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a drink, and what is special about it."""

    request: Request
    language: Language = "en"
    priority: Priority = Priority.INTERACTIVE
    deadline: int | None = None
    poisoned: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """One request of one caller, which may be replayed, and whose first task may be cancelled."""

    number: int
    questions: tuple[Question, ...]
    replayed: bool = False
    cancelled: bool = False


class Bartender:
    """Makes submissions out of a vocabulary and a source of chance."""

    def __init__(self, vocabulary: Vocabulary, chance: Random) -> None:
        self._vocabulary = vocabulary
        self._chance = chance
        self._bases = [entry.id for entry in vocabulary.ingredients if entry.base]
        additives = [entry.id for entry in vocabulary.ingredients if entry.additive]
        # Two ingredients that never meet, but in a drink that makes the model crash.
        *self._additives, one, other = [name for name in additives if name not in self._bases]
        self.poison = (one, other)

    def submissions(self, tasks: int) -> list[Submission]:
        """Make submissions with that many drinks in all."""
        made: list[Submission] = []
        while tasks:
            size = min(tasks, self._size())
            tasks -= size
            made.append(
                Submission(
                    number=len(made),
                    questions=tuple(self._question() for _ in range(size)),
                    replayed=self._happens(0.1),
                    cancelled=self._happens(0.05),
                )
            )
        return made

    def _size(self) -> int:
        if self._happens(0.6):
            return 1
        return self._chance.randint(2, MOST if self._happens(0.2) else 8)

    def _happens(self, probability: float) -> bool:
        return self._chance.random() < probability

    def _question(self) -> Question:
        poisoned = self._happens(POISONED)
        return Question(
            request=self._poisoned() if poisoned else self._request(),
            language=self._chance.choice(LANGUAGES),
            priority=Priority.BULK if self._happens(0.4) else Priority.INTERACTIVE,
            deadline=HURRY if self._happens(HURRIED) else None,
            poisoned=poisoned,
        )

    def _poisoned(self) -> Request:
        return Request(ingredients=(self._chance.choice(self._bases), *self.poison))

    def _request(self) -> Request:
        sample = self._chance.sample
        if self._happens(0.05):
            return Request(exclude=tuple(sample(self._bases, 3)))
        additives = sample(self._additives, 20)
        drink = (self._chance.choice(self._bases), *additives[: self._chance.randint(0, 3)])
        exclude = tuple(additives[3:6]) if self._happens(0.2) else ()
        only = tuple(additives[6:]) if self._happens(0.1) else None
        if self._happens(0.1):
            length = len(drink) + self._chance.randint(1, 3)
            return Request(drink, kind="complete", length=length, exclude=exclude, only=only)
        top_k = self._chance.randint(1, MAX_TOP_K) if self._happens(0.5) else Request().top_k
        return Request(drink, top_k=top_k, exclude=exclude, only=only)

    def body(self, question: Question) -> dict[str, Any]:
        """Write a question as its caller would, with names in the caller's language."""
        fields = question.request.to_json()
        for field in fields.keys() & {"ingredients", "exclude", "only"}:
            fields[field] = [self._name(name, question.language) for name in fields[field]]
        if question.priority is not Priority.INTERACTIVE:
            fields["priority"] = question.priority
        if question.deadline is not None:
            fields["deadline_seconds"] = question.deadline
        return fields

    def _name(self, ingredient: str, language: Language) -> str:
        entries = self._vocabulary.ingredients
        return entries[self._vocabulary.index[ingredient]].name(language)
