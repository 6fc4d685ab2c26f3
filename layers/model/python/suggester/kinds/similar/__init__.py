"""The kind `similar`: known drinks that are similar to a drink."""

from __future__ import annotations

from typing import Final

from suggester.kinds.pipeline import DrinkPipeline
from suggester.kinds.similar.types import SimilarInput, SimilarOutput

PIPELINE: Final = DrinkPipeline(
    kind="similar",
    summary="The known drinks that are most similar, with what is missing and what is extra.",
    input=SimilarInput,
    output=SimilarOutput,
    example={"ingredients": ["milk", "strawberry", "sugar"]},
    memory=1,
    seconds=0.0003,
    grows=False,
)
