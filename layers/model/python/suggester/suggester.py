"""The suggester: the entry point to a trained model."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from suggester.errors import RequestInvalid
from suggester.kinds import KINDS
from suggester.ranker import Ranker
from suggester.requests import Extracted
from suggester.texts import read_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.artifacts import Artifacts
    from suggester.requests import Answer, Listing, Request

    AnyAnswer = Answer | Extracted | Listing

# The size of a pass, whose arrays fit in the processor's cache.
MAX_REQUESTS: Final = 256
MIN_REQUESTS: Final = 128
MAX_CELLS: Final = 1 << 17  # requests x ingredients


class Kind(Protocol):
    """A function that answers a batch of requests of one kind."""

    def __call__(self, ranker: Ranker, requests: Sequence[Request]) -> Sequence[AnyAnswer]:
        """Return the answers in the order of the requests.

        Raises:
            SuggesterError: one of the requests has no answer.
        """


def load_kind(name: str) -> Kind:
    """Return the function that answers requests of the named kind.

    Raises:
        RequestInvalid: the kind does not exist.
    """
    if name not in KINDS:
        raise RequestInvalid(f"There is no kind {name!r}; use one of {', '.join(KINDS)}.")
    run: Kind = importlib.import_module(f"suggester.kinds.{name}.run").run
    return run


class Suggester:
    """Answers requests with a trained model.

    Attributes:
        vocabulary: the ingredients that the model knows.
        version: the version of the model.
    """

    def __init__(self, ranker: Ranker, *, version: str) -> None:
        self.vocabulary = ranker.vocabulary
        self.version = version
        self._ranker = ranker
        self._step = min(max(MIN_REQUESTS, MAX_CELLS // len(ranker.vocabulary)), MAX_REQUESTS)
        self._kinds = {name: load_kind(name) for name in KINDS}

    @classmethod
    def load(cls, artifacts: Artifacts, engine: str) -> Suggester:
        """Load the model with the named engine.

        Raises:
            ArtifactInvalid: a file is missing, damaged or from another model.
            EngineUnavailable: the engine does not exist, or its package is not installed.
        """
        return cls(Ranker.load(artifacts, engine), version=artifacts.version)

    def answer(self, requests: Sequence[Request]) -> list[Any]:
        """Answer a batch in order, each kind of question in vectorised passes.

        Raises:
            SuggesterError: one of the requests has no answer.
        """
        answers: dict[int, AnyAnswer] = {}
        for kind in dict.fromkeys(request.kind for request in requests):
            rows = [row for row, request in enumerate(requests) if request.kind == kind]
            run = self._kinds.get(kind) or load_kind(kind)
            for start in range(0, len(rows), self._step):
                part = rows[start : start + self._step]
                found = self._run(run, [requests[row] for row in part])
                answers.update(zip(part, found, strict=True))
        return [answers[row] for row in range(len(requests))]

    def _run(self, run: Kind, requests: Sequence[Request]) -> Sequence[AnyAnswer]:
        """Answer requests of one kind, after their texts have been read."""
        if all(request.text is None for request in requests):
            return run(self._ranker, requests)
        read = [read_text(self._ranker, request) for request in requests]
        answers = run(self._ranker, [request for request, _ in read])
        return [
            answer
            if understood is None or isinstance(answer, Extracted)
            else answer._replace(understood=understood)
            for answer, (_, understood) in zip(answers, read, strict=True)
        ]

    def check(self, request: Request) -> None:
        """Check that the model knows the kind and all ids of a request.

        Raises:
            RequestInvalid: it does not.
        """
        load_kind(request.kind)
        self._ranker.masks.encode([request])

    def find_unanswerable(self, requests: Sequence[Request]) -> set[int]:
        """Return the indices of the requests whose masks leave nothing to suggest.

        Raises:
            RequestInvalid: an id is not in the vocabulary.
        """
        masks = self._ranker.masks
        has_candidates = masks.candidates(*masks.encode(requests)).any(axis=1)
        return set(np.flatnonzero(~has_candidates).tolist())
