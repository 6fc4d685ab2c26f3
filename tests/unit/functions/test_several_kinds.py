"""Batches and documents with inputs of several kinds, one of them from another package."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from functions.worker.dispositions import Retry, RetryPolicy
from functions.worker.document_lines import DocumentLines
from functions.worker.failures import CANNOT_ANSWER
from functions.worker.pipelines import Pipelines, answer_with
from functions.worker.settings import DEFAULT_RETRIES
from functions.worker.task_processor import TaskProcessor
from pipelines.registry import Registry
from suggester.extraction import Extractor
from suggester.kinds import load_registry
from suggester.suggester import Suggester
from tasks.aws.events import Received
from tasks.messages import TaskMessage
from tasks.task import Outcome, Status
from tests.fakes import NOW, FakeClock, FakeEngine, small_ranker
from tests.sentiment import PIPELINE as SENTIMENT
from tests.sentiment import SentimentInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.worker.dispositions import Disposition
    from suggester.extraction import Extraction
    from suggester.vocabulary import Vocabulary

KNOWN = load_registry({"PIPELINES": "tests.sentiment"})
SCORE = {"score": 1.0, "model": "words-1", "error": None, "parts": ["text"]}
BOTH = ["next", "sentiment"]


class CountingExtractor(Extractor):
    """Counts how often it reads a text."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__(vocabulary)
        self.reads: list[str] = []

    def _extract(self, text: str) -> Extraction:
        self.reads.append(text)
        return super()._extract(text)


class Harness:
    """A processor with the small suggester and the pipelines of a registry."""

    def __init__(self, registry: Registry = KNOWN) -> None:
        self.engine = FakeEngine()
        ranker = small_ranker(self.engine)
        self.texts = CountingExtractor(ranker.vocabulary)
        ranker.extractor = self.texts
        self.pipelines = Pipelines(registry, Suggester(ranker, version="test"))
        retries = RetryPolicy(DEFAULT_RETRIES, random.Random(1))
        self.processor = TaskProcessor(
            answer_with(self.pipelines), registry.split, retries, FakeClock()
        )

    def process(self, *inputs: dict[str, Any], receive_count: int = 1) -> list[Disposition]:
        deliveries = [
            Received("m", "r", receive_count, "q", TaskMessage("t1", "me", members, NOW + 900))
            for members in inputs
        ]
        return self.processor.process(deliveries, lambda: 15.0)

    def outcomes(self, *inputs: dict[str, Any], receive_count: int = 1) -> list[Outcome]:
        found = self.process(*inputs, receive_count=receive_count)
        assert all(isinstance(each, Outcome) for each in found)
        return [each for each in found if isinstance(each, Outcome)]

    def lines(self, *lines: str, **defaults: Any) -> list[dict[str, Any]]:
        made = DocumentLines(self.pipelines, defaults, "jsonl", "en", {"task_id": "t1"})
        answers, failed = made.answer([(n, line.encode()) for n, line in enumerate(lines, 1)])
        found = [json.loads(answer) for answer in answers]
        assert failed == sum(is_failed(answer) for answer in found)
        return found


def is_failed(answer: dict[str, Any]) -> bool:
    parts = answer.get("parts", {"": answer}).values()
    return all("error" in part for part in parts)


def text(content: str, kind: Any = "sentiment") -> dict[str, Any]:
    return {"kind": kind, "text": content}


def drink(*names: str, **members: Any) -> dict[str, Any]:
    return {"ingredients": list(names), **members}


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_a_batch_is_answered_by_kind(harness: Harness) -> None:
    outcomes = harness.outcomes(drink("milk"), text("lovely"), drink("water"), text("bad"))
    assert harness.engine.calls == [2]
    results = [outcome.result or {} for outcome in outcomes]
    assert [result["added"] for result in results[::2]] == [("ginger",), ("ginger",)]
    assert [result["output"]["score"] for result in results[1::2]] == [1.0, 0.0]


def test_an_output_may_have_fields_with_the_names_of_a_result(harness: Harness) -> None:
    [outcome] = harness.outcomes(text("lovely"))
    assert outcome.result == {"output": SCORE, "model": "test"}


@pytest.mark.parametrize("fault", ["crash", "exit", "nan"])
def test_a_fault_in_one_pipeline_changes_no_other_task(harness: Harness, fault: str) -> None:
    """Neither those of other kinds nor those of its own."""
    outcomes = harness.outcomes(drink("milk"), text(fault), text("lovely"), drink("water"))
    assert [outcome.status for outcome in outcomes] == [
        Status.SUCCESS,
        Status.FAIL,
        Status.SUCCESS,
        Status.SUCCESS,
    ]
    assert harness.engine.calls == [2]


def test_a_transient_fault_retries_only_the_tasks_of_its_kind(harness: Harness) -> None:
    found = harness.process(drink("milk"), text("offline"), text("lovely"))
    assert [isinstance(each, Retry) for each in found] == [False, True, True]


def test_an_unknown_kind_keeps_only_its_own_task(harness: Harness) -> None:
    """A newer version of the API may have written it."""
    unknown, *known = harness.process(
        text("a", "mood"), text("lovely"), drink("milk", kind=["next"])
    )
    assert isinstance(unknown, Retry)
    assert all(isinstance(each, Outcome) for each in known)


def test_a_task_with_several_kinds_has_a_part_for_each(harness: Harness) -> None:
    [outcome] = harness.outcomes(text("milk, lovely", BOTH))
    result = outcome.result or {}
    assert list(result["parts"]) == BOTH
    assert result["parts"]["next"]["added"] == ("ginger",)
    assert result["parts"]["sentiment"] == {"output": SCORE}
    assert result["model"] == "test"


def test_the_parts_of_tasks_share_the_calls_of_their_kinds(harness: Harness) -> None:
    harness.outcomes(text("milk, lovely", BOTH), drink("water"), text("bad"))
    assert harness.engine.calls == [2]


def test_the_parts_and_the_error_of_a_task_do_not_depend_on_its_batch(harness: Harness) -> None:
    """The order is that of the request, also if an earlier task asks for the kinds in another."""
    kinds = BOTH[::-1]
    given = text("milk", kinds), {**text("milk crash", kinds), "only": []}
    _, whole, failed = harness.outcomes(drink("milk"), *given)
    assert list((whole.result or {})["parts"]) == kinds
    assert failed.error is not None
    assert failed.error.type == "prediction-failed"


TEXTS = ["milk, lovely", "water, lovely"]
KINDS_OF_TEXTS = ["extract", "next", "complete"]


def test_a_text_is_read_once_for_all_kinds_of_its_task(harness: Harness) -> None:
    harness.outcomes(*(text(each, KINDS_OF_TEXTS) for each in TEXTS))
    assert harness.texts.reads == TEXTS


def test_a_text_is_read_once_for_all_kinds_of_its_line(harness: Harness) -> None:
    harness.lines(*(json.dumps(text(each, KINDS_OF_TEXTS)) for each in TEXTS))
    assert harness.texts.reads == TEXTS


def test_a_task_succeeds_if_one_part_did(harness: Harness) -> None:
    [outcome] = harness.outcomes(text("milk crash", BOTH))
    parts = (outcome.result or {})["parts"]
    assert (outcome.status, outcome.error) == (Status.SUCCESS, None)
    assert parts["sentiment"]["error"]["type"] == "prediction-failed"
    assert "added" in parts["next"]


def test_a_task_is_retried_if_one_part_failed_for_a_transient_reason(harness: Harness) -> None:
    [found] = harness.process(text("milk offline", BOTH))
    assert isinstance(found, Retry)


def test_the_last_attempt_keeps_the_parts_that_succeeded(harness: Harness) -> None:
    given = text("milk offline", BOTH)
    [outcome] = harness.outcomes(given, receive_count=DEFAULT_RETRIES + 1)
    parts = (outcome.result or {})["parts"]
    assert outcome.status is Status.SUCCESS
    assert parts["sentiment"]["error"]["type"] == "max-retries-exceeded"


def test_a_task_fails_if_all_parts_do(harness: Harness) -> None:
    """Its error is that of the first kind."""
    [outcome] = harness.outcomes({**text("milk crash", BOTH), "only": []})
    assert outcome.status is Status.FAIL
    assert outcome.error is not None
    assert outcome.error.type == "empty-mask"


def test_a_document_may_have_lines_of_several_kinds(harness: Harness) -> None:
    lines = map(json.dumps, [drink("milk"), text("lovely"), text("milk bad", BOTH)])
    first, second, third = harness.lines(*lines)
    assert (first["line"], first["result"]) == (1, "ginger")
    assert second == {"line": 2, "output": SCORE}
    assert list(third["parts"]) == BOTH
    assert third["parts"]["sentiment"]["output"]["score"] == 0


@pytest.mark.parametrize("fault", ["crash", "exit", "nan"])
def test_a_fault_in_one_line_changes_no_other_line(harness: Harness, fault: str) -> None:
    given = [text(fault), text("lovely"), drink("milk"), text(f"milk, {fault}", BOTH)]
    first, second, third, fourth = harness.lines(*map(json.dumps, given))
    assert first["error"]["type"] == "prediction-failed"
    assert second["output"] == SCORE
    assert third["result"] == "ginger"
    assert fourth["parts"]["sentiment"]["error"]["type"] == "prediction-failed"
    assert fourth["parts"]["next"]["result"] == "ginger"


@dataclass(frozen=True)
class Capricious(SentimentInput):
    def __post_init__(self) -> None:
        if self.text == "crash":
            raise TypeError
        if self.text == "offline":
            raise ConnectionError


CAPRICIOUS = Registry(
    [*(KNOWN[kind] for kind in KNOWN.kinds[:-1]), replace(SENTIMENT, input=Capricious)]
)


def test_a_fault_in_the_input_of_one_line_changes_no_other_line() -> None:
    given = [text("crash"), text("lovely"), drink("milk")]
    first, second, third = Harness(CAPRICIOUS).lines(*map(json.dumps, given))
    assert first["error"] == {"type": "prediction-failed", "detail": CANNOT_ANSWER}
    assert second["output"] == SCORE
    assert third["result"] == "ginger"


def test_a_transient_fault_in_the_input_of_a_line_is_not_the_fault_of_the_line() -> None:
    with pytest.raises(ConnectionError):
        Harness(CAPRICIOUS).lines(json.dumps(text("offline")))


def test_the_defaults_of_a_document_are_for_lines_of_any_kind(harness: Harness) -> None:
    lines = ['{"text": "lovely"}', '{"text": "lovely", "scale": "unit"}']
    first, second = harness.lines(*lines, kind="sentiment", scale="percent")
    assert (first["output"]["score"], second["output"]["score"]) == (100, 1)


def test_a_line_without_a_required_field_is_refused(harness: Harness) -> None:
    [answer] = harness.lines("{}", kind="sentiment")
    assert answer["error"] == {"type": "invalid", "detail": "text: is missing."}


def test_a_pipeline_that_is_not_batched_gets_one_input_at_a_time() -> None:
    registry = Registry([replace(SENTIMENT, batched=False, load=f"{__name__}:load_recorder")])
    outcomes = Harness(registry).outcomes(text("a"), text("b"))
    assert [(outcome.result or {})["output"]["score"] for outcome in outcomes] == [1, 1]


def load_recorder(_: object) -> Any:
    def run(inputs: Sequence[Any]) -> list[Any]:
        return [SENTIMENT.output(len(inputs), "m") for _ in inputs]

    return run


def test_a_pipeline_that_is_not_batched_returns_one_output_for_each_input() -> None:
    """Two for one and none for the next would be the answers of others."""
    registry = Registry([replace(SENTIMENT, batched=False, load=f"{__name__}:load_uneven")])
    outcomes = Harness(registry).outcomes(text("two"), text("none"), text("one"))
    assert [outcome.status for outcome in outcomes] == [Status.FAIL, Status.FAIL, Status.SUCCESS]


def load_uneven(_: object) -> Any:
    sizes = {"two": 2, "none": 0, "one": 1}
    return lambda inputs: [SENTIMENT.output(0.5, "m")] * sizes[inputs[0].text]
