"""Train the network: hide an ingredient of each recipe and learn to predict it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from training.early_stopping import Epoch, keep_best
from training.errors import DataTooSmall
from training.metrics import Metrics, rank_cases
from training.network import average_members, build_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from training.plan import Plan
    from training.recipe_matrix import Floats, Ints, RecipeMatrix
    from training.split import Cases
    from training.weights import Weights


@dataclass(frozen=True)
class Fit:
    """The weights of the best epoch, and that epoch."""

    weights: Weights
    best: Epoch


def fit(
    recipes: RecipeMatrix, validation: Cases, plan: Plan, report: Callable[[Epoch], None]
) -> Fit:
    """Train until the plan ends or the validation MRR stops rising.

    Raises:
        DataTooSmall: no recipe has two ingredients, one to hide and one to predict it from.
    """
    recipes = recipes.take(np.flatnonzero(recipes.sizes > 1))
    if not len(recipes):
        raise DataTooSmall("No training recipe has two known ingredients; add recipes.")
    keras.utils.set_random_seed(plan.seed)
    tf.config.experimental.enable_op_determinism()
    network = build_network(recipes.frequency(), plan)
    steps = plan.epochs * -(-len(recipes) // plan.batch)
    network.compile(
        optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(plan.learning_rate, steps)
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    generator = np.random.default_rng(plan.seed)

    def run_epoch(number: int) -> Epoch:
        batches = hide_ingredients(recipes, plan.batch, plan.first_steps, generator)
        losses = [
            float(network.train_on_batch(drinks, np.repeat(hidden[:, None], plan.members, axis=1)))
            for drinks, hidden in batches
        ]
        metrics = Metrics.of(rank_cases(average_members(network).logits, validation))
        epoch = Epoch(number, float(np.mean(losses)), metrics)
        report(epoch)
        return epoch

    best = keep_best(network, plan.epochs, plan.patience, run_epoch)
    return Fit(average_members(network), best)


def hide_ingredients(
    recipes: RecipeMatrix, batch: int, first_steps: float, generator: np.random.Generator
) -> Iterator[tuple[Floats, Ints]]:
    """Yield an epoch of batches: drinks (B, V) without one ingredient, and that ingredient (B,).

    A share of the drinks keeps one random ingredient at most, so that the network learns the first
    steps of a drink too: it keeps none if that ingredient is the hidden one.
    """
    order = generator.permutation(len(recipes))
    for start in range(0, len(order), batch):
        drinks = recipes.take(order[start : start + batch])
        hidden, only = (
            drinks.indices[drinks.indptr[:-1] + generator.integers(drinks.sizes)] for _ in range(2)
        )
        inputs = drinks.multi_hot()
        begun = np.flatnonzero(generator.random(len(drinks)) < first_steps)
        inputs[begun] = 0
        inputs[begun, only[begun]] = 1
        inputs[np.arange(len(drinks)), hidden] = 0
        yield inputs, hidden
