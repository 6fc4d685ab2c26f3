"""What a worker process of the predecessor answers with: its own kind of network, or this one's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS: Final = 3
UNITS: Final = 100
SEED: Final = 1


class Model(Protocol):
    """Suggests one ingredient."""

    def suggest(self, ingredients: Sequence[str]) -> str:
        """Return the name of what to add to a drink; without ingredients, of a base."""


class KerasModel:
    """An LSTM over the last three ingredients, asked with `predict`.

    Its weights are random: a network that was trained takes the same time.
    """

    def __init__(self) -> None:
        vocabulary = Vocabulary.load(Artifacts.open())
        self._names = [entry.en for entry in vocabulary.ingredients]
        self._ids = {name: column + 1 for column, name in enumerate(self._names)}
        self._base = np.array([entry.base for entry in vocabulary.ingredients])
        self._optional = np.array([entry.additive for entry in vocabulary.ingredients])
        self._network = _network(len(self._names))

    def suggest(self, ingredients: Sequence[str]) -> str:
        """Return the most probable name within the mask."""
        chosen = [self._ids[name] for name in ingredients]
        steps = np.zeros((1, STEPS), np.int32)
        if last := chosen[-STEPS:]:
            steps[0, -len(last) :] = last
        probabilities = self._network.predict(steps, verbose=0)[0]
        allowed = np.where(self._optional if chosen else self._base, probabilities, 0)
        allowed[[column - 1 for column in chosen]] = 0
        return self._names[int(allowed.argmax())]


class LiteRtModel:
    """This project's model and engine, asked for one drink at a time."""

    def __init__(self) -> None:
        from suggester.requests import Request  # noqa: PLC0415 - Keras's worker does without
        from suggester.suggester import Suggester  # noqa: PLC0415

        self._suggester = Suggester.load(Artifacts.open(), "litert")
        self._request = Request

    def suggest(self, ingredients: Sequence[str]) -> str:
        """Return the most probable name within the mask."""
        vocabulary = self._suggester.vocabulary
        found = [vocabulary.find(name) for name in ingredients]
        drink = self._request(tuple(entry.id for entry in found if entry is not None))
        [answer] = self._suggester.answer([drink])
        return vocabulary.ingredients[vocabulary.index[answer.added[0]]].en


def load(engine: str) -> Model:
    """Load the model of that name and let it answer once: the first answer compiles."""
    model: Model = KerasModel() if engine == "keras" else LiteRtModel()
    model.suggest([])
    return model


def _network(names: int) -> Any:
    """Build ids (B, 3), 0 for nothing and 1 + column -> probabilities (B, V)."""
    import keras  # noqa: PLC0415 - LiteRT's worker does without

    keras.utils.set_random_seed(SEED)
    return keras.Sequential(
        [
            keras.Input((STEPS,), dtype="int32"),
            keras.layers.Embedding(names + 1, UNITS),
            keras.layers.LSTM(UNITS),
            keras.layers.Dense(names, activation="softmax"),
        ]
    )
