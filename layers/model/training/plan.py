"""How to train on recipes of a given number and variety: rules, tuned on validation only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MANY_RECIPES: Final = 10_000
EPOCHS: Final = 70
FEWEST_EPOCHS: Final = 25
NARROWEST: Final = 512
# Recipes x names x width x epochs that two cores train through in about ten minutes.
BUDGET: Final = 6e12


@dataclass(frozen=True)
class Plan:
    """Hold every hyper-parameter of the network's training."""

    width: int
    epochs: int
    batch: int
    patience: int
    dropout: float = 0.5
    learning_rate: float = 2e-3
    empty_share: float = 0.02
    seed: int = 1


def plan_for(recipes: int, names: int, *, epochs: int = 0, width: int = 0, seed: int = 1) -> Plan:
    """Choose by the number of recipes and of names; epochs and width of 0 mean by rule.

    Few recipes ask for small batches, many for a wide network. Where the budget allows no
    long schedule, the schedule is cut first, and then the width.
    """
    many = recipes >= MANY_RECIPES
    chosen = width or (2048 if many else 1024)
    while not width and chosen > NARROWEST and _affordable(recipes, names, chosen) < FEWEST_EPOCHS:
        chosen //= 2
    epochs = epochs or max(FEWEST_EPOCHS, min(EPOCHS, _affordable(recipes, names, chosen)))
    return Plan(chosen, epochs, 256 if many else 64, patience=max(10, epochs // 4), seed=seed)


def _affordable(recipes: int, names: int, width: int) -> int:
    return int(BUDGET / (recipes * names * width))
