"""What a pipeline does with inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass, replace
from typing import Any

import numpy as np
import pytest

from pipelines.errors import InputInvalid, OutputInvalid, PipelineInvalid
from pipelines.pipeline import MAX_OUTPUT
from tests.sentiment import PIPELINE as SENTIMENT
from tests.sentiment import Item, SentimentOutput
from tests.sentiment.code import answer

A = Item("a")


@dataclass(frozen=True)
class Defaults:
    point: Item = A
    words: list[str] = field(default_factory=lambda: ["a"])
    count: int = 1


def test_default_values_are_not_stored() -> None:
    """Another version may have other defaults, and several kinds share the row."""
    pipeline = replace(SENTIMENT, input=Defaults)
    assert pipeline.encode_input(Defaults()) == {}
    assert pipeline.encode_input(Defaults(Item("b"), [], 0)) == {
        "point": {"word": "b", "weight": 1.0},
        "words": [],
        "count": 0,
    }


def test_a_field_that_the_class_computes_is_not_stored() -> None:
    cls = make_dataclass("Input", [("text", str), ("size", int, field(init=False, default=3))])
    assert replace(SENTIMENT, input=cls).encode_input(cls("a")) == {"text": "a"}


def test_a_missing_stored_field_is_refused() -> None:
    with pytest.raises(InputInvalid, match="text: is missing"):
        SENTIMENT.decode_input({})


def test_an_output_is_stored_as_json() -> None:
    found = SentimentOutput(np.float64(0.5), "m", parts=["a"])
    assert SENTIMENT.encode_output(found) == {
        "score": 0.5,
        "model": "m",
        "error": None,
        "parts": ["a"],
    }


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (0.5, "returned float in place of SentimentOutput"),
        (None, "returned NoneType in place of SentimentOutput"),
        (SentimentOutput(float("nan"), "m"), "score: must be a number"),
        (SentimentOutput(0, 5), "model: must be a text"),  # type: ignore[arg-type]
        (SentimentOutput(np.float32(0.5), "m"), "no JSON: Object of type float32"),  # type: ignore[arg-type]
        (SentimentOutput(0, "\ud800"), "model: must be a text"),
        (SentimentOutput(0, "m" * MAX_OUTPUT), "bytes of JSON; return at most 200000"),
        (SentimentOutput(0, "m", parts="ab"), "parts: must be a list"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_output_is_refused_before_it_is_stored(output: Any, message: str) -> None:
    """One row that cannot be written would fail the rows beside it."""
    with pytest.raises(OutputInvalid, match=message):
        SENTIMENT.encode_output(output)


def test_the_code_is_started_with_the_suggester() -> None:
    assert SENTIMENT.start("suggester") is answer


@pytest.mark.parametrize(
    ("load", "message"),
    [
        ("tests.nowhere:load", "ModuleNotFoundError: No module named 'tests.nowhere'"),
        ("tests.sentiment.code:nowhere", "has no attribute 'nowhere'"),
        ("tests.sentiment.code", "cannot be loaded from tests.sentiment.code"),
        ("builtins:float", "ValueError: could not convert string to float: 'suggester'"),
        ("sys:exit", "from sys:exit: SystemExit: suggester; install what is missing, or"),
        ("builtins:len", "has no code: builtins:len must return a function"),
    ],
)
def test_code_that_cannot_be_started_is_named(load: str, message: str) -> None:
    with pytest.raises(PipelineInvalid, match=message):
        replace(SENTIMENT, load=load).start("suggester")
