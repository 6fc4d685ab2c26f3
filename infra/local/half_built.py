"""Half-built drinks for the demo: recipes of the corpus from which one ingredient was taken."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from suggester.vocabulary import Ingredient, Vocabulary

CORPUS: Final = Path(__file__).parents[2] / "layers/model/training/corpus/drinks.jsonl"
SEED: Final = 7  # every run takes the same drinks


@dataclass(frozen=True, slots=True)
class HalfBuilt:
    """A drink, and the ingredient that its recipe has besides; None if there is no recipe."""

    ingredients: list[str]
    hidden: str | None = None


def from_recipes(vocabulary: Vocabulary, count: int, corpus: Path = CORPUS) -> list[HalfBuilt]:
    """Take a random additive from each of `count` random recipes.

    Returns an empty list if the model knows too few of the recipes.
    """
    chance = random.Random(SEED)  # noqa: S311 - not used for security
    usable = []
    for line in corpus.read_text(encoding="utf-8").splitlines():
        recipe = _known(vocabulary, json.loads(line)["ingredients"])
        hideable = [entry for entry in recipe if entry.additive]
        if len(recipe) > 1 and hideable:
            hidden = chance.choice(hideable)
            usable.append(HalfBuilt([e.en for e in recipe if e is not hidden], hidden.en))
    return chance.sample(usable, count) if len(usable) >= count else []


def _known(vocabulary: Vocabulary, names: list[str]) -> list[Ingredient]:
    """Return the ingredients, or an empty list if the model does not know all of them."""
    found = [vocabulary.find(name) for name in names]
    return list(dict.fromkeys(entry for entry in found if entry)) if all(found) else []


def random_drinks(vocabulary: Vocabulary, count: int) -> list[HalfBuilt]:
    """Return random drinks, each a base and up to three additives."""
    chance = random.Random(SEED)  # noqa: S311 - not used for security
    bases = [entry.en for entry in vocabulary.ingredients if entry.base]
    additives = [entry.en for entry in vocabulary.ingredients if entry.additive and not entry.base]
    return [
        HalfBuilt(
            [*_up_to(chance, bases, 1), *_up_to(chance, additives, chance.randint(0, 3))],
        )
        for _ in range(count)
    ]


def _up_to(chance: random.Random, names: list[str], count: int) -> list[str]:
    return chance.sample(names, min(len(names), count))
