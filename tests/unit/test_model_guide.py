"""The examples of docs/model.md work as they are printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from functions.worker.document_lines import lines_with
from functions.worker.failures import Permanent
from functions.worker.pipelines import Pipelines, answer_with
from suggester.artifacts import Artifacts
from suggester.requests import Request
from tasks.messages import TaskMessage
from tests.fakes import NOW, REGISTRY, small_ranker

GUIDE = (Path(__file__).parents[2] / "docs/model.md").read_text(encoding="utf-8")


def example(path: str) -> dict[str, Any]:
    """Run the example with this path in its first line, and return its names."""
    blocks = re.findall(r"^ {4}# (\S+\.py)\n((?: {4}.*\n|\n)+)", GUIDE, re.MULTILINE)
    names: dict[str, Any] = {}
    exec(dedent(dict(blocks)[path]), names)
    return names


@pytest.fixture
def alphabet() -> Any:
    return Pipelines(
        REGISTRY, example("functions/worker/alphabet.py")["Alphabet"](Artifacts.open())
    )


def test_the_model_without_a_network_answers_drinks(alphabet: Any) -> None:
    [answer] = answer_with(alphabet)([{"exclude": ["apple-juice"], "top_k": 2}])
    first, second = (suggestion["ingredient"] for suggestion in answer["suggestions"])
    assert first < second


def test_the_model_without_a_network_answers_documents(alphabet: Any) -> None:
    message = TaskMessage("t1", "me", {"defaults": {"only": ["lemon"]}, "language": "en"}, NOW)
    answers, _ = lines_with(alphabet)(message, "text")([(1, b"water"), (2, b"lemon;water")])
    found = [json.loads(answer) for answer in answers]
    assert found[0]["result"] == "lemon"
    assert found[1]["error"]["type"] == "nothing-to-suggest"


def test_the_model_without_a_network_refuses_an_unknown_group(alphabet: Any) -> None:
    given = {"defaults": {"exclude": ["group:unknown"]}, "language": "en"}
    with pytest.raises(Permanent):
        lines_with(alphabet)(TaskMessage("t1", "me", given, NOW), "text")


def test_the_engine_returns_logits() -> None:
    engine = example("layers/model/python/suggester/engines/counts.py")["CountsEngine"](np.eye(3))
    logits = engine.logits(np.array([[1, 0, 0], [0, 1, 1]], np.float32))
    assert (logits > 0).tolist() == [[True, False, False], [False, True, True]]
    assert engine.columns == 3


def test_the_kind_answers_each_request() -> None:
    run = example("layers/model/python/suggester/kinds/surprise/run.py")["run"]
    first, second = run(small_ranker(), [Request(("milk",)), Request(only=("water",))])
    assert first.added[0] != "milk"
    assert second.added == ("water",)
