"""The model of the simulation: the real suggester with an engine that needs no training.

Its answers are a function of the drink and of the model's version. It crashes on poisoned drinks,
returns NaN for sick ones, and can be made to fail for a while, to be slow, or to forget an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from infra.simulation.events import ModelCall
from infra.simulation.scheduler import Crash
from suggester.kinds import load_registry
from suggester.neighbours import Neighbours
from suggester.ranker import Ranker
from suggester.recipe_index import RecipeIndex
from suggester.suggester import Suggester
from suggester.vocabulary import Ingredient, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from infra.simulation.scheduler import Scheduler
    from pipelines.registry import Registry
    from suggester.requests import Answer, Request

BASES: Final = ("milk", "water", "tea", "juice")
ADDITIVES: Final = ("sugar", "lemon", "mint", "honey", "berry", "salt")
RARE: Final = "ginger"  # the model of some versions does not know it
POISON: Final = frozenset({"poison", "salt"})
SICKNESS: Final = frozenset({"nan", "salt"})
AVERSION: Final = frozenset({"nan", "poison"})  # of the kind `complete` only
MODEL_KINDS: Final = ("next", "complete")  # that callers ask for
SPECIAL: Final = ("poison", "nan")
VERSIONS: Final = ("m1", "m2", "m3")
WITHOUT_RARE: Final = "m3"
GROUPS: Final = ("group:dairy", "group:nuts")
CONTAINS: Final = {"milk": ("dairy",), "berry": ("dairy",), "honey": None}  # others: nothing
NUTTY: Final = {"m1": "mint", "m2": "lemon"}  # the model of other versions has no group for nuts
FORGOTTEN: Final = "TooFewAnswers"
SECONDS: Final = (0.002, 0.03)  # of a call of the model


@cache
def vocabulary_of(version: str) -> Vocabulary:
    """Return the ingredients that a version of the model knows."""
    additives = [*ADDITIVES, *SPECIAL, *([] if version == WITHOUT_RARE else [RARE])]
    return Vocabulary(
        Ingredient(
            name,
            name,
            name,
            (),
            base=name in BASES,
            additive=name in additives,
            contains=contains(version, name),
        )
        for name in (*BASES, *additives)
    )


def contains(version: str, name: str) -> tuple[str, ...] | None:
    """Return the groups of an ingredient according to a version of the model."""
    return ("nuts",) if name == NUTTY.get(version) else CONTAINS.get(name, ())


class SimulatedEngine:
    """Logits that are sums of small whole numbers, so that no batch changes them."""

    def __init__(self, version: str, columns: int) -> None:
        numbers = Random(version)
        self.columns = columns
        self.returns_nan = False
        self._weights = np.array(
            [[numbers.randint(-4, 4) for _ in range(columns)] for _ in range(columns + 1)],
            dtype=np.float32,
        )

    def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits of a batch."""
        found: NDArray[np.float32] = drinks @ self._weights[:-1] + self._weights[-1]
        if self.returns_nan:
            found[0, 0] = np.nan
        return found


@dataclass(slots=True)
class Condition:
    """The condition of the model in all instances.

    Attributes:
        failing: the kinds that cannot be read at the moment.
        forgets: whether it returns one answer too few for a batch of several.
        seconds: how long a call takes at least and at most.
        document_seconds: the same for a line of a document.
    """

    failing: tuple[str, ...] = ()
    forgets: bool = False
    seconds: tuple[float, float] = SECONDS
    document_seconds: tuple[float, float] = SECONDS


class ModelCrash(Exception):
    """The model crashes on a poisoned drink."""


def is_poisoned(request: Request) -> bool:
    """Whether the model never answers this drink: it crashes, or returns NaN."""
    return _crashes(request) or SICKNESS.issubset(request.ingredients)


def _crashes(request: Request) -> bool:
    is_averse = request.kind == "complete" and AVERSION.issubset(request.ingredients)
    return is_averse or POISON.issubset(request.ingredients)


@cache
def _registry() -> Registry:
    return load_registry({})


def requests_of(members: dict[str, Any]) -> dict[str, Request]:
    """Return the request of each kind in the input of a task."""
    own = _registry().split(members)
    return {kind: _registry().decode(fields)[1] for kind, fields in own.items()}


def input_of(*requests: Request) -> dict[str, Any]:
    """Return the input of a task with these requests, each of another kind."""
    return _registry().encode((request.kind, request) for request in requests)


def clean_suggester(version: str) -> Suggester:
    """Return the suggester of a version, without any fault."""
    return Suggester(_ranker(version, SimulatedEngine(version, _columns(version))), version=version)


def _columns(version: str) -> int:
    return len(vocabulary_of(version))


def _ranker(version: str, engine: SimulatedEngine) -> Ranker:
    vocabulary = vocabulary_of(version)
    recipes = np.zeros(1, np.int32), np.zeros(0, np.int32), len(vocabulary)
    return Ranker(vocabulary, engine, Neighbours(*recipes, 1.0), RecipeIndex(*recipes), weight=0.0)


class FaultySuggester(Suggester):
    """A suggester whose calls take virtual time, may fail, and are noted in the history."""

    def __init__(
        self, version: str, scheduler: Scheduler, condition: Condition, random: Random
    ) -> None:
        self._engine = SimulatedEngine(version, _columns(version))
        super().__init__(_ranker(version, self._engine), version=version)
        self._scheduler = scheduler
        self._condition = condition
        self._random = random

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer a batch, after some time."""
        began = self._scheduler.now
        process = self._scheduler.current
        span: Any = None if process is None else process.span
        try:
            answers = self._answer(requests, span)
        except (Exception, Crash) as error:
            self._note(span, began, requests, type(error).__name__)
            raise
        self._note(span, began, requests, FORGOTTEN if len(answers) < len(requests) else "")
        return answers

    def _spend(self, limits: tuple[float, float], times: int = 1) -> None:
        shortest, longest = limits
        seconds = shortest + (longest - shortest) * self._random.random()
        self._scheduler.sleep(times * seconds)

    def _note(self, span: Any, began: float, requests: Sequence[Request], failure: str) -> None:
        span.model_calls.append(ModelCall(began, self._scheduler.now, tuple(requests), failure))

    def _answer(self, requests: Sequence[Request], span: Any) -> list[Answer]:
        if span is not None and span.kind == "DocumentFunction":
            self._spend(self._condition.document_seconds, len(requests))
        else:
            self._spend(self._condition.seconds)
        if requests[0].kind in self._condition.failing:
            raise OSError("The model cannot be read at the moment.")
        if any(map(_crashes, requests)):
            raise ModelCrash
        is_sick = any(SICKNESS.issubset(request.ingredients) for request in requests)
        self._engine.returns_nan = is_sick
        answers = super().answer(requests)
        if self._condition.forgets and len(requests) > 1:
            del answers[-1]
        return answers


class Oracle:
    """The right answers, of the model without faults."""

    def __init__(self) -> None:
        self.suggesters = {version: clean_suggester(version) for version in VERSIONS}
        self._answers: dict[tuple[str, Request], Answer] = {}

    def answer(self, version: str, request: Request) -> Answer:
        """Return the answer of a version of the model to one drink.

        Raises:
            SuggesterError: it has none.
        """
        known = (version, request)
        if known not in self._answers:
            [self._answers[known]] = self.suggesters[version].answer([request])
        return self._answers[known]
