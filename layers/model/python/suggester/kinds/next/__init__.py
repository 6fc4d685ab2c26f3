"""The kind `next`: the most probable ingredients to add now."""

from __future__ import annotations

from typing import Final

from suggester.kinds.next.types import NextInput
from suggester.kinds.pipeline import DrinkPipeline
from suggester.kinds.suggestions import Suggestions

PIPELINE: Final = DrinkPipeline(
    kind="next",
    summary="The best ingredients to add to a drink.",
    input=NextInput,
    output=Suggestions,
    example={"ingredients": ["milk", "strawberry"], "top_k": 3},
    memory=0,
    seconds=0.00015,
)
