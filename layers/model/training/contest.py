"""Train every model on the same recipes, and rank the same cases with each."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from training import baselines
from training.baselines import Contender
from training.blend import ENOUGH_CASES, mixed, neighbours_of, tune
from training.console import hushed, progress
from training.plan import plan_for
from training.ranking import Metrics, rank_cases
from training.split import TEST_SEED, VALIDATION_SEED, leave_one_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.ranking import Ranks, Scorer
    from training.sets import Sets
    from training.split import Cases

    Learner = Callable[[Sets, Cases], Contender]


@dataclass(frozen=True)
class Outcome:
    """Hold a model's ranks of the test cases (C,), its size, and its training time."""

    ranks: Ranks
    parameters: int
    seconds: float

    def __add__(self, other: Outcome) -> Outcome:
        """Join the outcomes of two folds."""
        return Outcome(
            np.concatenate([self.ranks, other.ranks]),
            max(self.parameters, other.parameters),
            self.seconds + other.seconds,
        )

    def row(self) -> dict[str, float]:
        """Return what the table and the JSON show of it."""
        figures = asdict(Metrics.of(self.ranks))
        return {**figures, "parameters": self.parameters, "seconds": round(self.seconds, 2)}


def barback(train: Sets, validation: Cases) -> Contender:
    """Train, export and tune this project's model; it scores by the code that serves."""
    with hushed():
        from training.fit import fit, scorer  # noqa: PLC0415 - TensorFlow takes seconds
    from training.export import network_files  # noqa: PLC0415

    plan = plan_for(len(train), train.columns)
    with progress(plan.epochs) as report:
        trained = fit(train, validation, plan, report)
    blend = tune(scorer(trained.network), train, validation)
    with tempfile.TemporaryDirectory() as scratch:
        network = served(network_files(trained.network, Path(scratch))["model.tflite"])
    neighbours = neighbours_of(train, blend.beta)
    kept = int(trained.network.count_params()) + len(train.distinct().indices)
    return Contender(mixed(network, neighbours, blend.weight), kept)


def served(network: bytes) -> Scorer:
    """Score with the engine that serves by default."""
    from suggester.engines.litert import LiteRtEngine  # noqa: PLC0415 - not for --help

    with hushed():
        engine = LiteRtEngine(network)
    return lambda remaining: engine.logits(remaining.multi_hot())


def predecessor(train: Sets, validation: Cases) -> Contender:
    """Train the predecessor's LSTM."""
    with hushed():
        from training.lstm import lstm  # noqa: PLC0415 - TensorFlow takes seconds

    return lstm(train, validation)


LEARNERS: Final[dict[str, Learner]] = {
    "popularity": baselines.popularity,
    "cosine": baselines.cosine,
    "pmi": baselines.pmi,
    "ease": baselines.ease,
    "nearest": baselines.nearest,
    "lstm": predecessor,
    "barback": barback,
}


def compete(
    train: Sets, validation: Sets, test: Sets, announce: Callable[[str], None]
) -> dict[str, Outcome]:
    """Train on `train`, tune on `validation`, rank an ingredient of each recipe of `test`.

    The names that `train` lacks are left out of all three first.

    Raises:
        DataTooSmall: no recipe that is held out has three known ingredients.
    """
    seen = np.flatnonzero(train.frequency())
    train, validation, test = (part.only(seen) for part in (train, validation, test))
    tuning = leave_one_out(validation, VALIDATION_SEED, ENOUGH_CASES)
    cases = leave_one_out(test, TEST_SEED)
    outcomes: dict[str, Outcome] = {}
    for name, learn in LEARNERS.items():
        announce(name)
        start = time.perf_counter()
        model = learn(train, tuning)
        seconds = time.perf_counter() - start
        outcomes[name] = Outcome(rank_cases(model.score, cases), model.parameters, seconds)
    return outcomes
