"""A pipeline of another package, which PIPELINES adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le, Len, MaxLen

from pipelines.pipeline import Pipeline


@dataclass(frozen=True)
class Item:
    word: Annotated[str, Len(1, 20)]
    weight: Annotated[float, Ge(-1), Le(1)] = 1.0


@dataclass(frozen=True)
class SentimentInput:
    """A text in English."""

    text: Annotated[str, Len(1, 5000)] = field(metadata={"description": "The text."})
    words: Annotated[tuple[Item, ...], MaxLen(3)] = ()
    scale: Literal["unit", "percent"] = "unit"
    only: tuple[int, ...] = ()  # in a drink, this is a list of names


@dataclass(frozen=True)
class SentimentOutput:
    """The fields have the names of fields of a result."""

    score: float
    model: str
    error: str | None = None
    parts: list[str] = field(default_factory=list)


PIPELINE: Final = Pipeline(
    kind="sentiment",
    summary="How friendly a text is.",
    input=SentimentInput,
    output=SentimentOutput,
    load="tests.sentiment.code:load",
    example={"text": "What a lovely drink!", "words": [{"word": "lovely", "weight": 0.5}]},
    memory=1,
    seconds=0.0001,
)
