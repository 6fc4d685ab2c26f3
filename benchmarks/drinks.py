"""The drinks of the benchmarks that need a running service."""

from __future__ import annotations

import random
from typing import Final

from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

SEED: Final = 7


def make_drinks(count: int) -> list[list[str]]:
    """Make drinks of a base and up to three additives; every call returns the same drinks."""
    ingredients = Vocabulary.load(Artifacts.open()).ingredients
    bases = [entry.en for entry in ingredients if entry.base]
    additives = [entry.en for entry in ingredients if entry.additive and not entry.base]
    rng = random.Random(SEED)  # noqa: S311 - not for security
    return [
        [rng.choice(bases), *rng.sample(additives, min(len(additives), rng.randint(0, 3)))]
        for _ in range(count)
    ]
