"""Rules that choose the hyper-parameters for a data set; they were tuned on validation only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MANY_RECIPES: Final = 10_000
MANY_INGREDIENTS: Final = 1_000
MAX_EPOCHS: Final = 70
MIN_EPOCHS: Final = 25
MIN_WIDTH: Final = 512
# Recipes x ingredients x width x epochs that take about ten minutes on two cores.
BUDGET: Final = 6e12
# For few recipes: epochs x recipes that training needs, whatever the number of recipes.
FEW_EXAMPLES: Final = 160_000
FEW_MAX_EPOCHS: Final = 400
FEW_FIRST_STEPS: Final = 0.1


@dataclass(frozen=True)
class Plan:
    """Every hyper-parameter of the training.

    Attributes:
        members: the number of networks to train and average.
        width: the number of hidden units of each.
        first_steps: the share of drinks that keep one ingredient or none.
    """

    members: int
    width: int
    epochs: int
    batch: int
    patience: int
    dropout: float = 0.5
    learning_rate: float = 2e-3
    first_steps: float = 0.02
    seed: int = 1


def choose_plan(
    recipes: int,
    ingredients: int,
    *,
    epochs: int | None = None,
    width: int | None = None,
    seed: int = 1,
) -> Plan:
    """Choose by the number of recipes and of ingredients.

    Few recipes get several small networks with small batches, many a single wide one. If the
    budget is too small for all epochs, the rules first reduce the epochs and then the width.
    `epochs` and `width` override the rules.
    """
    if recipes < MANY_RECIPES:
        epochs = epochs or min(FEW_MAX_EPOCHS, max(MAX_EPOCHS, FEW_EXAMPLES // max(recipes, 1)))
        patience = _patience(epochs)
        return Plan(4, width or 512, epochs, 64, patience, first_steps=FEW_FIRST_STEPS, seed=seed)
    size = recipes * ingredients
    chosen = width or (2048 if ingredients < MANY_INGREDIENTS else 1024)
    while not width and chosen > MIN_WIDTH and _affordable_epochs(size, chosen) < MIN_EPOCHS:
        chosen //= 2
    epochs = epochs or max(MIN_EPOCHS, min(MAX_EPOCHS, _affordable_epochs(size, chosen)))
    return Plan(1, chosen, epochs, 256, _patience(epochs), seed=seed)


def _patience(epochs: int) -> int:
    return max(10, min(40, epochs // 4))


def _affordable_epochs(size: int, width: int) -> int:
    return int(BUDGET / (size * width))
