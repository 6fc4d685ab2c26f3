"""The kind `complete`: the ingredients that finish a drink."""

from __future__ import annotations

from typing import Final

from suggester.kinds.complete.types import CompleteInput
from suggester.kinds.pipeline import DrinkPipeline
from suggester.kinds.suggestions import Suggestions

PIPELINE: Final = DrinkPipeline(
    kind="complete",
    summary="The ingredients that finish a drink.",
    input=CompleteInput,
    output=Suggestions,
    example={"ingredients": ["milk", "strawberry"]},
    memory=0,
    seconds=0.001,
)
