"""Learn the category of a drink from its ingredients: a multinomial logistic regression.

N is the number of recipes that have a category, V of ingredients and C of categories.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.categorize import classify
from training.split import split_two_ways

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.recipe_matrix import Floats, Ints, RecipeMatrix
    from training.recipes.labels import Label

    Doubles = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

FEWEST: Final = 5  # recipes of a category; a smaller one cannot be learned
RIDGES: Final = (0.03, 0.1, 0.3, 1.0)
STEPS: Final = 400


@dataclass(frozen=True)
class Classifier:
    """The weights (V, C) and the biases (C,) of C categories."""

    weights: Floats
    bias: Floats

    def probabilities(self, recipes: RecipeMatrix) -> Floats:
        """Return the probabilities of the categories, (N, C)."""
        return classify(recipes.multi_hot() > 0, self.weights, self.bias)


def common_categories(labels: Sequence[Label]) -> list[str]:
    """Return the categories of at least five recipes, sorted; none if there is only one."""
    counts = Counter(label.category for label in labels if label.category)
    names = sorted(name for name, count in counts.items() if count >= FEWEST)
    return names if len(names) > 1 else []


def category_numbers(labels: Sequence[Label], categories: Sequence[str]) -> Ints:
    """Return the index of each label's category, or -1, (N,)."""
    numbers = {name: number for number, name in enumerate(categories)}
    return np.array([numbers.get(label.category, -1) for label in labels], np.int64)


def learn_categories(recipes: RecipeMatrix, targets: Ints, count: int) -> Classifier:
    """Fit all recipes, with the ridge that is best for a tenth of them after fitting the rest.

    `targets` are the categories in 0..C-1, or -1 for a recipe without one, and C is `count`.
    """
    rows = np.flatnonzero(targets >= 0)
    recipes, targets = recipes.take(rows), targets[rows]
    first, held_out = split_two_ways(len(rows))
    part, wanted = recipes.take(held_out), targets[held_out]

    def loss(ridge: float) -> float:
        found = fit_classifier(recipes.take(first), targets[first], count, ridge)
        right = found.probabilities(part)[np.arange(len(wanted)), wanted]
        return -float(np.log(np.maximum(right, np.finfo(np.float32).tiny)).mean())

    return fit_classifier(recipes, targets, count, min(RIDGES, key=loss))


def fit_classifier(recipes: RecipeMatrix, targets: Ints, count: int, ridge: float) -> Classifier:
    """Minimise the log loss plus ridge / 2 times the squared weights, by Nesterov's gradient.

    The bias is fixed at the log share of each category, which an empty drink therefore gets.
    """
    shares = (np.bincount(targets, minlength=count) + 1) / (len(targets) + count)
    bias = np.log(shares)
    scale = 1 / np.sqrt(np.maximum(recipes.sizes, 1))
    step = 1 / (ridge + 0.5 * _largest_eigenvalue(recipes, scale))
    weights: Doubles = np.zeros((recipes.columns, count))
    ahead: Doubles = weights
    momentum = 1.0
    for _ in range(STEPS):
        errors = _softmax(_times(recipes, ahead) * scale[:, None] + bias)
        errors[np.arange(len(targets)), targets] -= 1
        gradient = _transposed_times(recipes, errors * scale[:, None]) + ridge * ahead
        latest = ahead - step * gradient
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = latest + (momentum - 1) / following * (latest - weights)
        weights, momentum = latest, following
    return Classifier(*(part.astype(np.float16).astype(np.float32) for part in (weights, bias)))


def _largest_eigenvalue(recipes: RecipeMatrix, scale: Doubles) -> float:
    """Return the largest eigenvalue of the product of the scaled matrix and itself, (V, V)."""
    vector: Doubles = np.ones((recipes.columns, 1))
    for _ in range(50):
        vector /= np.linalg.norm(vector)
        vector = _transposed_times(recipes, _times(recipes, vector) * scale[:, None] ** 2)
    return float(np.linalg.norm(vector)) * 1.01


def _times(recipes: RecipeMatrix, dense: Doubles) -> Doubles:
    """Return the product of the 0/1 matrix (N, V) and a matrix (V, C)."""
    owners = np.repeat(np.arange(len(recipes)), recipes.sizes)
    columns = [np.bincount(owners, part[recipes.indices], len(recipes)) for part in dense.T]
    return np.stack(columns, axis=1)


def _transposed_times(recipes: RecipeMatrix, dense: Doubles) -> Doubles:
    """Return the product of the transposed 0/1 matrix (V, N) and a matrix (N, C)."""
    owners = np.repeat(np.arange(len(recipes)), recipes.sizes)
    columns = [np.bincount(recipes.indices, part[owners], recipes.columns) for part in dense.T]
    return np.stack(columns, axis=1)


def _softmax(logits: Doubles) -> Doubles:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Doubles = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities
