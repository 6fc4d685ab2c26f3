"""The kind `substitute`: what could replace an ingredient of a drink."""

from __future__ import annotations

from typing import Final

from suggester.kinds.pipeline import DrinkPipeline
from suggester.kinds.substitute.types import SubstituteInput, SubstituteOutput

PIPELINE: Final = DrinkPipeline(
    kind="substitute",
    summary="What could replace an ingredient of a drink.",
    input=SubstituteInput,
    output=SubstituteOutput,
    example={"ingredients": ["espresso", "milk"], "ingredient": "milk"},
    memory=1,
    seconds=0.0003,
    grows=False,
)
