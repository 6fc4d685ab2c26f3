"""The network of this project's predecessor: an LSTM over the last three ingredients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from training.baselines import Contender
from training.ranking import Metrics, rank_cases

if TYPE_CHECKING:
    from training.ranking import Scorer
    from training.sets import Floats, Ints, Sets
    from training.split import Cases

STEPS: Final = 3
UNITS: Final = 100
DROPOUT: Final = 0.2
EPOCHS: Final = 30
PATIENCE: Final = 3
BATCH: Final = 256
SEED: Final = 1


def lstm(train: Sets, validation: Cases) -> Contender:
    """Train on triples of ingredients in random order and a fourth one to guess."""
    recipes = train.take(np.flatnonzero(train.sizes > 1))
    keras.utils.set_random_seed(SEED)
    network = _build(train.columns)
    score = _scorer(network)
    generator = np.random.default_rng(SEED)
    best, since, weights = 0.0, 0, network.get_weights()
    for _ in range(EPOCHS):
        triples, hidden = _draw(recipes, generator)
        network.fit(triples, hidden, batch_size=BATCH, epochs=1, verbose=0)
        mrr = Metrics.of(rank_cases(score, validation)).mrr
        since += 1
        if mrr > best:
            best, since, weights = mrr, 0, network.get_weights()
        if since >= PATIENCE:
            break
    network.set_weights(weights)
    return Contender(score, int(network.count_params()))


def _build(names: int) -> Any:
    """Build ids (B, 3), 0 for nothing and 1 + column -> probabilities (B, V)."""
    network = keras.Sequential(
        [
            keras.Input((STEPS,), dtype="int32"),
            keras.layers.Embedding(names + 1, UNITS),
            keras.layers.LSTM(UNITS),
            keras.layers.Dropout(DROPOUT),
            keras.layers.Dense(names, activation="softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    return network


def _draw(recipes: Sets, generator: np.random.Generator) -> tuple[Ints, Ints]:
    """Shuffle each recipe: its first ingredient is to be guessed, the next three are given."""
    owners = np.repeat(np.arange(len(recipes)), recipes.sizes)
    shuffled = recipes.indices[np.lexsort((generator.random(len(owners)), owners))]
    padded = np.concatenate([shuffled, np.zeros(STEPS, np.int64)])
    places = recipes.indptr[:-1, None] + np.arange(1, STEPS + 1)
    inside = places < recipes.indptr[1:, None]
    return np.where(inside, padded[places] + 1, 0), shuffled[recipes.indptr[:-1]]


def _scorer(network: Any) -> Scorer:
    def score(remaining: Sets) -> Floats:
        triples = np.zeros((len(remaining), STEPS), np.int64)
        for row in range(len(remaining)):
            last = remaining[row][-STEPS:]
            triples[row, : len(last)] = last + 1
        return np.asarray(network(triples, training=False))

    return score
