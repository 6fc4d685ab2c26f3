from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from functions.worker.document_lines import MAX_HINTS, DocumentLines, lines_with
from functions.worker.failures import Permanent, Unreadable
from functions.worker.pipelines import Pipelines
from suggester.requests import Request
from suggester.suggester import MAX_REQUESTS, Suggester
from tasks.messages import TaskMessage
from tasks.task import ErrorType
from tests.fakes import NOW, REGISTRY, FakeEngine, small_pipelines, small_ranker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from suggester.requests import Answer


class Harness:
    """Answers lines with the small vocabulary; the last allowed ingredient is always the best."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.pipelines = small_pipelines(self.engine)

    def answer(
        self, *lines: str | bytes, form: Any = "jsonl", language: Any = "en", **defaults: Any
    ) -> list[dict[str, Any]]:
        given = [
            (number, line.encode() if isinstance(line, str) else line)
            for number, line in enumerate(lines, 1)
        ]
        made = DocumentLines(
            self.pipelines, Request(**defaults).to_json(), form, language, {"task_id": "t1"}
        )
        answers, failed = made.answer(given)
        read = [json.loads(answer) for answer in answers]
        assert [answer["line"] for answer in read] == [number for number, _ in given]
        assert failed == sum("error" in answer for answer in read)
        return read


class ForgetfulSuggester(Suggester):
    """A suggester that forgets the last answer of a batch."""

    def answer(self, requests: Sequence[Request]) -> list[Answer]:
        answers = super().answer(requests)
        return answers[:-1] if len(requests) > 1 else answers


NOT_JSON = "The line is not JSON; check its quotes and commas."


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_a_line_of_text_contains_names_separated_by_semicolons(harness: Harness) -> None:
    """The names may be in either language and any case."""
    [first, second] = harness.answer("Milk ; клубника;\r\n", "water", form="text", top_k=2)
    assert [s["ingredient"] for s in first["suggestions"]] == ["ginger", "sugar"]
    assert first["result"] == second["result"] == "ginger"
    assert sum(s["probability"] for s in harness.answer('["milk"]')[0]["suggestions"]) == (
        pytest.approx(1, abs=1e-5)
    )


def test_a_line_of_json_is_a_drink_or_a_list_of_names(harness: Harness) -> None:
    """The options of a drink override the defaults of the document."""
    lines = (
        '["milk"]',
        '{"ingredients": ["milk"], "exclude": ["ginger"], "top_k": 1}',
        '{"ingredients": ["milk"], "kind": "complete", "length": 3}',
        "{}",
        '{"only": null}',
    )
    answers = harness.answer(*lines, only=("sugar", "ginger", "water"))
    assert [answer["result"] for answer in answers] == [
        "ginger",
        "sugar",
        "ginger;sugar",
        "water",
        "orange juice",
    ]
    assert len(answers[1]["suggestions"]) == 1


def test_the_ingredient_to_replace_must_be_in_each_line(harness: Harness) -> None:
    first, second = harness.answer(
        '["milk", "sugar"]', '["milk"]', kind="substitute", ingredient="sugar"
    )
    assert first["output"]["suggestions"]
    assert second["error"]["detail"] == "ingredient: must be one of the ingredients."


def test_a_string_of_json_is_a_line_of_text(harness: Harness) -> None:
    first, second = harness.answer('"Milk ; клубника;"', '["milk", "strawberry"]')
    assert first["suggestions"] == second["suggestions"]


def test_the_answers_are_in_the_language_of_the_document(harness: Harness) -> None:
    """The language of the names in the lines does not matter."""
    [answer] = harness.answer('["milk"]', language="ru", top_k=1)
    assert answer["result"] == "имбирь"
    assert answer["suggestions"][0]["ingredient"] == "имбирь"


@pytest.mark.parametrize(
    ("line", "error", "detail"),
    [
        ("{", "malformed", "The line is not JSON: see column 2, and check the quotes"),
        ('["milk", "sugar"\r\n', "malformed", "The line is not JSON: see column 17, and"),
        (b"\xff", "malformed", "The line is not UTF-8 text."),
        (
            '["' + 'milk","' * 50_000 + 'milk"]',
            "too-large",
            "A line must have at most 196608 bytes.",
        ),
        ('{"exclude": ["sugar"], "exclude": ["ginger"]}', "malformed", "A field occurs twice"),
        ("7", "malformed", "The line is neither a drink, a list of names nor a text."),
        ("null", "malformed", "The line is neither a drink, a list of names nor a text."),
        ("[" * 100_000, "malformed", NOT_JSON),
        ("[1]", "invalid", "ingredients[0]: a name must"),
        ('{"ingredients": "milk"}', "invalid", "ingredients: must be a list of names."),
        ('{"colour": "red"}', "invalid", "colour: there is no such field"),
        ('{"top_k": 0}', "invalid", "top_k: must be a whole number from 1 to 20."),
        ('{"top_k": true}', "invalid", "top_k: must be a whole number from 1 to 20."),
        (
            '{"kind": "complete", "length": 33}',
            "invalid",
            "length: must be a whole number from 1 to 32.",
        ),
        ('{"kind": "mix"}', "invalid", "kind: must be one of next, complete, "),
        ('{"kind": ["mix"]}', "invalid", "kind[0]: must be one of next, complete, "),
        (
            '{"kind": "complete", "length": 1, "ingredients": ["milk"]}',
            "invalid",
            "length: must be greater than",
        ),
        (json.dumps(["milk"] * 33), "invalid", "ingredients: must have at most 32 names."),
        (
            '["strawbery"]',
            "unknown-ingredient",
            "'strawbery' is not known; did you mean strawberry?",
        ),
        (
            '["' + "x" * 5000 + '"]',
            "invalid",
            "ingredients[0]: a name must have 1 to 64 characters",
        ),
        (
            '{"ingredients": ["milk"], "only": ["milk"]}',
            "nothing-to-suggest",
            "Nothing is left to suggest; exclude less",
        ),
    ],
)
def test_a_bad_line_has_an_error_and_the_others_are_answered(
    harness: Harness, line: str, error: str, detail: str
) -> None:
    [before, bad, after] = harness.answer('["milk"]', line, '["water"]')
    assert bad["error"]["type"] == error
    assert bad["error"]["detail"].startswith(detail)
    assert len(bad["error"]["detail"]) < 200
    assert before["result"] == after["result"] == "ginger"


def test_an_answer_is_a_compact_line_of_json(harness: Harness) -> None:
    """Letters of other alphabets are not escaped, and probabilities have six digits."""
    lines = DocumentLines(harness.pipelines, {"top_k": 1}, "text", "ru", {"task_id": "t1"})
    [line], _ = lines.answer([(7, b"milk")])
    suggestions = '[{"ingredient":"имбирь","probability":0.643914}]'
    assert line == f'{{"line":7,"result":"имбирь","suggestions":{suggestions}}}'


def test_an_error_is_a_compact_line_of_json(harness: Harness) -> None:
    """Letters of other alphabets are not escaped."""
    lines = DocumentLines(harness.pipelines, {}, "text", "en", {"task_id": "t1"})
    [line], _ = lines.answer([(7, "джин".encode())])
    detail = "'джин' is not known: this bar serves no alcohol. GET /api/ingredients?q= lists names."
    assert line == f'{{"line":7,"error":{{"type":"unknown-ingredient","detail":"{detail}"}}}}'


def test_a_line_that_crashes_the_model_has_an_error_and_the_others_are_answered(
    harness: Harness,
) -> None:
    def logits(drinks: NDArray[np.float32]) -> NDArray[np.float32]:
        if drinks[:, 3].any():
            raise ZeroDivisionError
        return np.zeros_like(drinks)

    harness.engine.logits = logits  # type: ignore[method-assign]
    lines = ['["milk"]'] * 5
    answers = harness.answer(*lines, '["milk", "strawberry"]', *lines)
    assert ["error" in answer for answer in answers] == [False] * 5 + [True] + [False] * 5
    detail = "The model cannot answer this input; change it."
    assert answers[5]["error"] == {"type": "prediction-failed", "detail": detail}


def test_all_lines_with_an_empty_mask_are_found_without_calling_the_engine(
    harness: Harness,
) -> None:
    """The other lines are then answered in one call."""
    lines = ['{"ingredients": ["milk"], "only": ["milk"]}', '["milk"]'] * 50
    answers = harness.answer(*lines, kind="complete", length=2)
    assert ["error" in answer for answer in answers] == [True, False] * 50
    assert harness.engine.calls == [50]


def test_an_empty_mask_does_not_repeat_the_calls_for_other_lines(harness: Harness) -> None:
    lines = ['["milk"]'] * MAX_REQUESTS + ['{"ingredients": ["milk"], "only": ["milk"]}']
    harness.answer(*lines, kind="complete", length=2)
    assert harness.engine.calls == [MAX_REQUESTS]


def test_lines_may_fail_for_several_reasons(harness: Harness) -> None:
    """Each of them has its own error, and all are counted."""

    def logits(drinks: NDArray[np.float32]) -> NDArray[np.float32]:
        if drinks[:, 3].any():
            raise ZeroDivisionError
        return np.zeros_like(drinks)

    harness.engine.logits = logits  # type: ignore[method-assign]
    empty = '{"ingredients": ["milk"], "only": ["milk"]}'
    lines = ("{", empty, '["milk", "strawberry"]', '["milk"]')
    answers = harness.answer(*lines, kind="complete", length=3)
    types = [answer.get("error", {}).get("type") for answer in answers]
    assert types == ["malformed", "nothing-to-suggest", "prediction-failed", None]


def test_a_line_may_have_192_kb(harness: Harness) -> None:
    [answer] = harness.answer('["milk"]'.ljust(192 * 1024))
    assert answer["result"] == "ginger"


def test_a_batch_of_lines_is_one_call_of_the_engine(harness: Harness) -> None:
    harness.answer(*['["milk"]'] * 50)
    assert harness.engine.calls == [50]


def test_the_number_of_hints_for_unknown_names_is_limited(harness: Harness) -> None:
    """Finding similar names is slow, and a file may contain only unknown names."""
    answers = harness.answer(*['["strawbery"]'] * (MAX_HINTS + 5))
    hinted = ["did you mean" in answer["error"]["detail"] for answer in answers]
    assert hinted == [True] * MAX_HINTS + [False] * 5


def test_a_thousand_lines_that_crash_the_model_are_one_log_line(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    """It has their number, the id of the task and one of the errors."""

    def logits(drinks: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ARG001
        raise ZeroDivisionError

    harness.engine.logits = logits  # type: ignore[method-assign]
    harness.answer(*['["milk"]'] * 1000)
    [line] = caplog.records
    assert line.message == "A pipeline failed on lines of a document (1000 of this batch)"
    assert (vars(line)["task_id"], vars(line)["count"]) == ("t1", 1000)
    assert line.exc_info is not None


@pytest.mark.parametrize(
    ("defaults", "reason"),
    [
        ({"exclude": ["gin"]}, "vocab"),
        ({"exclude": ["group:lupin"]}, "or group"),
        ({"only": ["gin"]}, "vocab"),
    ],
)
def test_defaults_that_the_model_does_not_know_are_a_permanent_failure_of_the_document(
    harness: Harness, defaults: dict[str, Any], reason: str
) -> None:
    """They are checked once, before the first line."""
    message = TaskMessage("t1", "me", {"defaults": defaults, "language": "en"}, NOW)
    with pytest.raises(Permanent, match=reason) as caught:
        lines_with(harness.pipelines)(message, "jsonl")
    assert caught.value.error.type is ErrorType.PREDICTION_FAILED


@pytest.mark.parametrize("defaults", [{"kind": "stir"}, {"colour": "red"}, {"top_k": "all"}])
def test_defaults_in_an_unknown_form_are_unreadable(
    harness: Harness, defaults: dict[str, Any]
) -> None:
    message = TaskMessage("t1", "me", {"defaults": defaults, "language": "en"}, NOW)
    with pytest.raises(Unreadable):
        lines_with(harness.pipelines)(message, "jsonl")


def test_defaults_that_leave_nothing_to_suggest_are_no_failure_of_the_document(
    harness: Harness,
) -> None:
    """A line may have other filters."""
    message = TaskMessage("t1", "me", {"defaults": {"only": ["milk"]}, "language": "en"}, NOW)
    answer = lines_with(harness.pipelines)(message, "jsonl")
    [line] = answer([(1, b'{"ingredients": ["milk"], "only": ["ginger"]}')])[0]
    assert json.loads(line)["result"] == "ginger"


def test_a_document_is_answered_with_its_own_options_format_and_language(
    harness: Harness,
) -> None:
    given = {"defaults": {"only": ["sugar"]}, "language": "ru"}
    answer = lines_with(harness.pipelines)(TaskMessage("t1", "me", given, NOW), "text")
    [line], failed = answer([(1, b"milk; water")])
    assert (json.loads(line)["result"], failed) == ("сахар", 0)


def test_the_log_names_the_document_on_whose_lines_the_model_failed(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    def logits(drinks: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ARG001
        raise ZeroDivisionError

    harness.engine.logits = logits  # type: ignore[method-assign]
    given = {"defaults": {}, "language": "en"}
    lines_with(harness.pipelines)(TaskMessage("t1", "me", given, NOW), "text")([(1, b"milk")])
    assert [vars(line)["task_id"] for line in caplog.records] == ["t1"]


def test_a_model_that_returns_too_few_answers_is_asked_about_fewer_lines() -> None:
    """It fails like a model that crashes: the batch is halved, and each line is answered."""
    suggester = ForgetfulSuggester(small_ranker(), version="test")
    lines = DocumentLines(Pipelines(REGISTRY, suggester), {}, "text", "en", {"task_id": "t1"})
    answers, failed = lines.answer([(1, b"milk"), (2, b"water"), (3, b"milk")])
    assert [json.loads(answer)["line"] for answer in answers] == [1, 2, 3]
    assert failed == 0


# Python 3.11 and 3.12 give up near 1,000 levels, and Python 3.13 near 10,000.
DEPTHS = [*range(1, 20_000, 499), *range(930, 1_000), *range(9_960, 10_010), 20_000]


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")])
def test_a_line_that_nests_at_any_depth_fails_alone(harness: Harness, start: str, end: str) -> None:
    nested = [start * depth + '""' + end * depth for depth in DEPTHS]
    *refused, answered = harness.answer(*nested, '["milk"]')
    types = {line["error"]["type"] for line in refused}
    assert types <= {"malformed", "invalid", "unknown-ingredient"}
    assert answered["result"] == "ginger"
