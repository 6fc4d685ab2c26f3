"""The kind `extract`: the ingredients in a text."""

from __future__ import annotations

from typing import Final

from suggester.kinds.extract.types import ExtractInput, ExtractOutput
from suggester.kinds.pipeline import DrinkPipeline

PIPELINE: Final = DrinkPipeline(
    kind="extract",
    summary="The ingredients in a text, with quantities and units.",
    input=ExtractInput,
    output=ExtractOutput,
    example={"text": "200 ml of milk, a handful of strawberries and no sugar"},
    memory=60,
    seconds=0.0005,
    grows=False,
)
