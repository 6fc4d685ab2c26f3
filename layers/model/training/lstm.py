"""The network of this project's predecessor: an LSTM over the last three ingredients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from training.baselines import Candidate
from training.early_stopping import Epoch, keep_best
from training.metrics import Metrics, rank_cases

if TYPE_CHECKING:
    from training.metrics import Scorer
    from training.recipe_matrix import Floats, Ints, RecipeMatrix
    from training.split import Cases

STEPS: Final = 3
UNITS: Final = 100
DROPOUT: Final = 0.2
EPOCHS: Final = 30
PATIENCE: Final = 3
BATCH: Final = 256
SEED: Final = 1


def lstm(train: RecipeMatrix, validation: Cases) -> Candidate:
    """Train the network to predict an ingredient from three others in random order."""
    recipes = train.take(np.flatnonzero(train.sizes > 1))
    keras.utils.set_random_seed(SEED)
    network = _build(train.columns)
    score = _scorer(network)
    generator = np.random.default_rng(SEED)

    def run_epoch(number: int) -> Epoch:
        triples, hidden = _draw(recipes, generator)
        history = network.fit(triples, hidden, batch_size=BATCH, epochs=1, verbose=0).history
        return Epoch(number, history["loss"][0], Metrics.of(rank_cases(score, validation)))

    keep_best(network, EPOCHS, PATIENCE, run_epoch)
    return Candidate(score, int(network.count_params()))


def _build(columns: int) -> Any:
    """Build the network: (B, 3), 0 for none or 1 + column -> probabilities (B, V)."""
    network = keras.Sequential(
        [
            keras.Input((STEPS,), dtype="int32"),
            keras.layers.Embedding(columns + 1, UNITS),
            keras.layers.LSTM(UNITS),
            keras.layers.Dropout(DROPOUT),
            keras.layers.Dense(columns, activation="softmax"),
        ]
    )
    network.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    return network


def _draw(recipes: RecipeMatrix, generator: np.random.Generator) -> tuple[Ints, Ints]:
    """Shuffle each recipe; return its second to fourth ingredients (B, 3) and its first (B,)."""
    owners = np.repeat(np.arange(len(recipes)), recipes.sizes)
    shuffled = recipes.indices[np.lexsort((generator.random(len(owners)), owners))]
    padded = np.concatenate([shuffled, np.zeros(STEPS, np.int64)])
    places = recipes.indptr[:-1, None] + np.arange(1, STEPS + 1)
    inside = places < recipes.indptr[1:, None]
    return np.where(inside, padded[places] + 1, 0), shuffled[recipes.indptr[:-1]]


def _scorer(network: Any) -> Scorer:
    def score(remaining: RecipeMatrix) -> Floats:
        triples = np.zeros((len(remaining), STEPS), np.int64)
        for row in range(len(remaining)):
            last = remaining[row][-STEPS:]
            triples[row, : len(last)] = last + 1
        return np.asarray(network(triples, training=False))

    return score
