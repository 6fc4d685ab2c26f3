"""Train every model on the same recipes, and rank the same cases with each."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from training import baselines
from training.baselines import Candidate
from training.console import progress, silence_stderr
from training.metrics import Metrics, rank_cases
from training.plan import choose_plan
from training.split import TEST_SEED, VALIDATION_SEED, leave_one_out
from training.tuning import TUNING_CASES, blended_scorer, build_neighbours, tune

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.metrics import Ranks, Scorer
    from training.recipe_matrix import RecipeMatrix
    from training.split import Cases

    Learner = Callable[[RecipeMatrix, Cases], Candidate]


@dataclass(frozen=True)
class Outcome:
    """A model's ranks of the test cases (C,), its number of parameters and its training time."""

    ranks: Ranks
    parameters: int
    seconds: float

    def __add__(self, other: Outcome) -> Outcome:
        """Combine the outcomes of two folds."""
        return Outcome(
            np.concatenate([self.ranks, other.ranks]),
            max(self.parameters, other.parameters),
            self.seconds + other.seconds,
        )

    def row(self) -> dict[str, float]:
        """Return the figures for the table and the JSON file."""
        figures = asdict(Metrics.of(self.ranks))
        return {**figures, "parameters": self.parameters, "seconds": round(self.seconds, 2)}


def barback(train: RecipeMatrix, validation: Cases) -> Candidate:
    """Train, export and tune this project's model, and score with the code that serves it."""
    with silence_stderr():
        from training.fit import fit, network_scorer  # noqa: PLC0415 - TensorFlow takes seconds
    from training.export import network_files  # noqa: PLC0415

    plan = choose_plan(len(train), train.columns)
    with progress(plan.epochs) as report:
        trained = fit(train, validation, plan, report)
    blend = tune(network_scorer(trained.network), train, validation)
    with tempfile.TemporaryDirectory() as folder:
        network = litert_scorer(network_files(trained.network, Path(folder))["model.tflite"])
    neighbours = build_neighbours(train, blend.beta)
    parameters = int(trained.network.count_params()) + len(train.distinct().indices)
    return Candidate(blended_scorer(network, neighbours, blend.weight), parameters)


def litert_scorer(network: bytes) -> Scorer:
    """Return a scorer that gives the logits of the default engine."""
    from suggester.engines.litert import LiteRtEngine  # noqa: PLC0415 - not for --help

    with silence_stderr():
        engine = LiteRtEngine(network)
    return lambda remaining: engine.logits(remaining.multi_hot())


def predecessor(train: RecipeMatrix, validation: Cases) -> Candidate:
    """Train the predecessor's LSTM."""
    with silence_stderr():
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


def run(
    train: RecipeMatrix,
    validation: RecipeMatrix,
    test: RecipeMatrix,
    announce: Callable[[str], None],
) -> dict[str, Outcome]:
    """Train on `train`, tune on `validation`, and rank one ingredient of each recipe of `test`.

    Ingredients that `train` lacks are first removed from all three.

    Raises:
        DataTooSmall: no held-out recipe has three known ingredients.
    """
    known = np.flatnonzero(train.frequency())
    train, validation, test = (part.take_columns(known) for part in (train, validation, test))
    tuning_cases = leave_one_out(validation, VALIDATION_SEED, TUNING_CASES)
    test_cases = leave_one_out(test, TEST_SEED)
    outcomes: dict[str, Outcome] = {}
    for name, learn in LEARNERS.items():
        announce(name)
        start = time.perf_counter()
        model = learn(train, tuning_cases)
        seconds = time.perf_counter() - start
        outcomes[name] = Outcome(rank_cases(model.score, test_cases), model.parameters, seconds)
    return outcomes
