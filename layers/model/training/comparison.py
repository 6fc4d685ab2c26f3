"""Train every model on the same recipes, and rank the same cases with each."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.masks import candidates
from training import baselines
from training.baselines import Candidate
from training.console import progress, silence_stderr
from training.embedding import embed
from training.finishing import (
    Finishing,
    as_a_whole,
    measure_finishing,
    measure_novelty,
    one_by_one,
)
from training.metrics import measure_filling, rank_cases
from training.plan import choose_plan
from training.roles import Roles
from training.split import TEST_SEED, THIRD_SEED, VALIDATION_SEED, hide_third, leave_one_out
from training.substitutes import find_replacements, measure_substitutes
from training.tuning import TUNING_CASES, blended_scorer, build_neighbours, tune

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from training.dataset import Dataset
    from training.metrics import Ranks, Scorer
    from training.recipe_matrix import Floats, Ints, RecipeMatrix
    from training.split import Cases

    Learner = Callable[[RecipeMatrix, Cases], Candidate]


@dataclass(frozen=True)
class Outcome:
    """What a model did on C test recipes, its number of parameters and its training time.

    Attributes:
        ranks: the ranks of the hidden ingredients without masks, (C,).
        served: the same behind the masks, (C,); infinite where they forbid the ingredient.
        filling: precision, recall and nDCG of a third of each recipe behind the masks, (C, 3).
        greedy: the finishing of drinks one ingredient after another.
        whole: the finishing of drinks as the service does it, or None for other models.
        novelty: the suggestions with more and more novelty, or None for other models.
        substitutes: the ranks of replacements for `next` and `substitute`, (C, 2), or None.
    """

    ranks: Ranks
    served: Ranks
    filling: Ranks
    greedy: Finishing
    parameters: int
    seconds: float
    whole: Finishing | None = None
    novelty: Ranks | None = None
    substitutes: Ranks | None = None

    def __add__(self, other: Outcome) -> Outcome:
        """Combine the outcomes of two folds."""
        return Outcome(
            np.concatenate([self.ranks, other.ranks]),
            np.concatenate([self.served, other.served]),
            np.concatenate([self.filling, other.filling]),
            self.greedy + other.greedy,
            max(self.parameters, other.parameters),
            self.seconds + other.seconds,
            self.whole + other.whole if self.whole and other.whole else None,
            _join(self.novelty, other.novelty),
            _join(self.substitutes, other.substitutes),
        )


def _join(first: Ranks | None, second: Ranks | None) -> Ranks | None:
    return None if first is None or second is None else np.concatenate([first, second])


def barback(train: RecipeMatrix, validation: Cases) -> Candidate:
    """Train, export and tune this project's model, and score with the code that serves it."""
    with silence_stderr():
        from training.fit import fit  # noqa: PLC0415 - TensorFlow takes seconds
        from training.network import rebuild_network  # noqa: PLC0415
    from training.export import network_files  # noqa: PLC0415

    plan = choose_plan(len(train), train.columns)
    with progress(plan.epochs) as report:
        trained = fit(train, validation, plan, report)
    weights, blend = tune(trained.weights, train, validation)
    with tempfile.TemporaryDirectory() as folder:
        files = network_files(rebuild_network(weights), Path(folder))
    network = litert_scorer(files)
    neighbours = build_neighbours(train, blend.beta)
    parameters = weights.count + len(train.distinct().indices)
    score = blended_scorer(network, neighbours, blend.weight)
    return Candidate(score, parameters, embed(weights))


def litert_scorer(files: Mapping[str, bytes]) -> Scorer:
    """Return a scorer that gives the logits of the default engine for a network's files."""
    from suggester.engines.litert import LiteRtEngine  # noqa: PLC0415 - not for --help

    with silence_stderr():
        engine = LiteRtEngine.of(files)
    return lambda remaining: engine.logits(remaining.multi_hot())


def predecessor(train: RecipeMatrix, validation: Cases) -> Candidate:
    """Train the predecessor's LSTM."""
    with silence_stderr():
        from training.lstm import lstm  # noqa: PLC0415 - TensorFlow takes seconds

    return lstm(train, validation)


OURS: Final = "barback"
LEARNERS: Final[dict[str, Learner]] = {
    "popularity": baselines.popularity,
    "cosine": baselines.cosine,
    "pmi": baselines.pmi,
    "ease": baselines.ease,
    "ease_tuned": baselines.ease_tuned,
    "edlae": baselines.edlae,
    "nearest": baselines.nearest,
    "lstm": predecessor,
    "barback": barback,
}


def behind_masks(score: Scorer, roles: Roles) -> Scorer:
    """Return a scorer that forbids the ingredients that the service would not suggest."""

    def served(remaining: RecipeMatrix) -> Floats:
        chosen = remaining.multi_hot() > 0
        return np.where(
            candidates(chosen, roles.base, roles.additive), score(remaining), np.float32(-np.inf)
        )

    return served


def run(
    dataset: Dataset,
    parts: tuple[Ints, Ints, Ints],
    announce: Callable[[str], None],
    learners: Mapping[str, Learner] = LEARNERS,
) -> dict[str, Outcome]:
    """Train, tune and test every model on three parts of the recipes, given by their rows.

    Ingredients that the training part lacks are first removed from all three. The masks are
    those that `make train` would write for the training part.

    Raises:
        DataTooSmall: no held-out recipe has three known ingredients.
    """
    train, validation, test = (dataset.recipes.take(rows) for rows in parts)
    categories = [[dataset.labels[row].category for row in rows.tolist()] for rows in parts]
    known = np.flatnonzero(train.frequency())
    train, validation, test = (part.take_columns(known) for part in (train, validation, test))
    roles = Roles.of(train, [dataset.ingredients[column] for column in known])
    tuning_cases = leave_one_out(validation, VALIDATION_SEED, TUNING_CASES)
    test_cases, unfinished = leave_one_out(test, TEST_SEED), hide_third(test, THIRD_SEED)
    outcomes: dict[str, Outcome] = {}
    for name, learn in learners.items():
        announce(name)
        start = time.perf_counter()
        model = learn(train, tuning_cases)
        seconds = time.perf_counter() - start
        served = behind_masks(model.score, roles)
        outcomes[name] = Outcome(
            rank_cases(model.score, test_cases),
            rank_cases(served, test_cases),
            measure_filling(served, unfinished),
            measure_finishing(one_by_one(served), test, roles),
            model.parameters,
            seconds,
        )
        if name == OURS:
            whole = measure_finishing(as_a_whole(served, train), test, roles)
            novelty = measure_novelty(served, test_cases, train)
            outcomes[name] = replace(outcomes[name], whole=whole, novelty=novelty)
        if model.embedding is not None:
            cases = find_replacements(train, test, (categories[0], categories[2]))
            replaced = measure_substitutes(served, model.embedding, cases)
            outcomes[name] = replace(outcomes[name], substitutes=replaced)
    return outcomes
