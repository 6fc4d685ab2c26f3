"""Train the network: hide an ingredient of each recipe, ask for it, stop when it is learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from training.errors import DataTooSmall
from training.network import build
from training.ranking import Metrics, rank_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from training.plan import Plan
    from training.sets import Floats, Ints, Sets
    from training.split import Cases


@dataclass(frozen=True)
class Epoch:
    """Report on an epoch: its number from 1, the mean loss (nats), the validation metrics."""

    number: int
    loss: float
    validation: Metrics


@dataclass(frozen=True)
class Fit:
    """Hold a trained network with the weights of its best epoch, and that epoch's report."""

    network: Any
    best: Epoch


def fit(
    recipes: Sets, validation: Cases, plan: Plan, report: Callable[[Epoch], None] | None = None
) -> Fit:
    """Train on recipes (N, V) until the plan ends or the validation MRR stops rising.

    Raises:
        DataTooSmall: no recipe has two ingredients, one to hide and one to go by.
    """
    recipes = recipes.take(np.flatnonzero(recipes.sizes > 1))
    if not len(recipes):
        raise DataTooSmall("No recipe to train on has two known ingredients; add recipes.")
    keras.utils.clear_session()  # or names count on from the last network, and files differ
    keras.utils.set_random_seed(plan.seed)
    tf.config.experimental.enable_op_determinism()
    network = build(recipes.frequency(), plan.width, plan.dropout)
    steps = plan.epochs * -(-len(recipes) // plan.batch)
    network.compile(
        optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(plan.learning_rate, steps)
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    generator = np.random.default_rng(plan.seed)
    best, weights = None, network.get_weights()
    for number in range(1, plan.epochs + 1):
        batches = hide(recipes, plan.batch, plan.empty_share, generator)
        losses = [float(network.train_on_batch(*batch)) for batch in batches]
        metrics = Metrics.of(rank_cases(scorer(network), validation))
        epoch = Epoch(number, float(np.mean(losses)), metrics)
        if report:
            report(epoch)
        if best is None or metrics.mrr > best.validation.mrr:
            best, weights = epoch, network.get_weights()
        elif number - best.number >= plan.patience:
            break
    network.set_weights(weights)
    return Fit(network, best or epoch)


def scorer(network: Any) -> Callable[[Sets], Floats]:
    """Wrap a network as a scorer of sets, (N, V) logits."""
    return lambda remaining: np.asarray(network(remaining.multi_hot(), training=False))


def hide(
    recipes: Sets, batch: int, empty_share: float, generator: np.random.Generator
) -> Iterator[tuple[Floats, Ints]]:
    """Yield an epoch of batches: drinks (B, V) that lost an ingredient each, and which (B,).

    A share of the drinks loses every ingredient, so that the empty drink is learnt too.
    """
    order = generator.permutation(len(recipes))
    for start in range(0, len(order), batch):
        drinks = recipes.take(order[start : start + batch])
        places = drinks.indptr[:-1] + generator.integers(drinks.sizes)
        hidden = drinks.indices[places]
        inputs = drinks.multi_hot()
        inputs[np.arange(len(drinks)), hidden] = 0
        inputs[generator.random(len(drinks)) < empty_share] = 0
        yield inputs, hidden
