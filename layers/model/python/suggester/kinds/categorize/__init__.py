"""The kind `categorize`: the categories of a drink."""

from __future__ import annotations

from typing import Final

from suggester.kinds.categorize.types import CategorizeInput, CategorizeOutput
from suggester.kinds.pipeline import DrinkPipeline

PIPELINE: Final = DrinkPipeline(
    kind="categorize",
    summary="The categories that a drink belongs to, with probabilities.",
    input=CategorizeInput,
    output=CategorizeOutput,
    example={"ingredients": ["espresso", "milk"]},
    memory=1,
    seconds=0.0001,
    grows=False,
)
