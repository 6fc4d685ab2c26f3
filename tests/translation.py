"""A pipeline of another package that requires two texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipelines.pipeline import Pipeline


@dataclass(frozen=True)
class TranslationInput:
    """A text, and the language to translate it into."""

    text: str
    language: str


@dataclass(frozen=True)
class TranslationOutput:
    """The translated text."""

    text: str


PIPELINE: Final = Pipeline(
    kind="translation",
    summary="A text in another language.",
    input=TranslationInput,
    output=TranslationOutput,
    load="tests.translation:load",
    example={"text": "Milk.", "language": "ru"},
    memory=1,
    seconds=0.001,
)
