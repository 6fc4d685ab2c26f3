"""The model as it is served: vocabulary, masks, network and neighbours from one folder."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from suggester.engines import load_engine
from suggester.errors import ArtifactInvalid
from suggester.kinds import load_kind
from suggester.mask import Masks, probabilities_within
from suggester.neighbours import Neighbours, blend
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.artifacts import Artifacts
    from suggester.engines import Engine
    from suggester.requests import Answer, Request

    Floats = NDArray[np.float32]
    Booleans = NDArray[np.bool_]

# Requests in one pass: what is computed for so many stays in the processor's cache.
AT_ONCE = 256


class Suggester:
    """A trained model over the V ingredients of its vocabulary."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        engine: Engine,
        neighbours: Neighbours,
        *,
        weight: float,
        version: str,
    ) -> None:
        if engine.columns != len(vocabulary):
            raise ArtifactInvalid(
                f"The network has {engine.columns} columns and vocabulary.json "
                f"{len(vocabulary)} ingredients; train a model with `make train`."
            )
        self.vocabulary = vocabulary
        self.masks = Masks(vocabulary)
        self.ids = np.array([entry.id for entry in vocabulary.ingredients], dtype=np.object_)
        self.version = version
        self._engine = engine
        self._neighbours = neighbours
        self._weight = weight

    @classmethod
    def load(cls, artifacts: Artifacts, engine: str) -> Suggester:
        """Load the model with the engine of that name.

        Raises:
            ArtifactInvalid: a file is missing, damaged or of another model.
            EngineUnknown: there is no such engine, or its package is not installed.
        """
        vocabulary = Vocabulary.load(artifacts)
        recipes = np.load(io.BytesIO(artifacts.read("recipes.npz")), allow_pickle=False)
        neighbours = Neighbours(
            recipes["indptr"], recipes["indices"], len(vocabulary), artifacts.neighbours["beta"]
        )
        return cls(
            vocabulary,
            load_engine(engine, artifacts),
            neighbours,
            weight=artifacts.neighbours["weight"],
            version=artifacts.version,
        )

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        """Answer a batch, in vectorised passes for each kind that is in it.

        Raises:
            SuggesterError: one of the requests has no answer.
        """
        answers: dict[int, Answer] = {}
        for kind in dict.fromkeys(request.kind for request in requests):
            rows = [row for row, request in enumerate(requests) if request.kind == kind]
            run = load_kind(kind)
            for start in range(0, len(rows), AT_ONCE):
                some = rows[start : start + AT_ONCE]
                found = run(self, [requests[row] for row in some])
                answers.update(zip(some, found, strict=True))
        return [answers[row] for row in range(len(requests))]

    def probabilities(self, chosen: Booleans, allowed: Booleans) -> Floats:
        """Return (B, V) probabilities over what may be added to each drink.

        Raises:
            MaskEmpty: a drink has nothing that may be added.
            FloatingPointError: the network gave a logit that is no number.
        """
        drinks = chosen.astype(np.float32)
        logits = self._engine.logits(drinks)
        if not np.isfinite(logits).all():
            raise FloatingPointError("The network gave a logit that is no number.")
        weights = blend(logits, self._neighbours.vote(drinks), drinks, self._weight)
        return probabilities_within(self.masks.candidates(chosen, allowed), weights)
