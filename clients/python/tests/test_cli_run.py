"""The command `run`: fields as options, and answers of any kind as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from clients.python.tests.fakes import problem

if TYPE_CHECKING:
    from pathlib import Path

    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService


def test_run_prints_the_output_as_a_json_object(barback: Command, service: FakeService) -> None:
    done = barback(
        "run", "sentiment", "--text", "good", "--deadline-seconds", "9", "--timeout", "7"
    )
    assert (done.exit_code, done.stdout, done.stderr) == (0, '{"length": 4}\n', "")
    assert service.submitted() == [{"kind": "sentiment", "text": "good", "deadline_seconds": 9}]
    assert service.requests[0].headers["Prefer"] == "wait=7"


def test_the_file_of_run_may_have_every_field(barback: Command, service: FakeService) -> None:
    fields = {"ingredients": ["milk"], "priority": "bulk", "metadata": {"order": "17"}}
    assert barback("run", "next", "--input", "-", stdin=json.dumps(fields)).exit_code == 0
    assert service.submitted() == [{"kind": "next", **fields}]


@pytest.mark.parametrize(
    ("name", "option"), [("wait", "--timeout"), ("webhook", "--webhook"), ("kind", "KIND")]
)
def test_a_field_that_is_an_option_of_the_command_is_refused(
    barback: Command, service: FakeService, name: str, option: str
) -> None:
    done = barback("run", "next", "--input", "-", stdin=json.dumps({name: "5"}))
    assert (done.exit_code, service.requests) == (2, [])
    assert f"An input has no field '{name}'. Use {option}." in done.stderr


def test_a_file_of_run_that_is_not_valid_json_is_refused(barback: Command) -> None:
    done = barback("run", "next", "--input", "-", stdin='{"a":\n')
    assert done.exit_code == 2
    assert "the JSON is not valid" in done.stderr
    assert "line" not in done.stderr.partition(").")[2]


def test_run_prints_suggestions_as_a_json_object(barback: Command) -> None:
    done = barback("run", "next", "--ingredients", "milk")
    suggestions = [{"ingredient": "milkmilk", "probability": 0.25}]
    assert json.loads(done.stdout) == {"result": "milkmilk", "suggestions": suggestions}


def test_run_prints_every_field_with_json(barback: Command) -> None:
    done = barback("run", "sentiment", "--text", "good", "--json")
    found = json.loads(done.stdout)
    assert (found["task_id"], found["kind"], found["output"]) == (
        "task-0",
        "sentiment",
        {"length": 4},
    )


def test_a_failed_part_is_in_the_answer_and_in_the_exit_code(
    barback: Command, service: FakeService
) -> None:
    done = barback("run", "sentiment, broken", "--text", "good")
    found = json.loads(done.stdout)
    assert (found["sentiment"], found["broken"]["error"]["type"]) == (
        {"length": 4},
        "prediction-failed",
    )
    assert (done.exit_code, done.stderr) == (1, "barback: broken: The model crashed.\n")
    assert service.submitted()[0]["kind"] == ["sentiment", "broken"]


def test_the_parts_of_several_kinds_are_printed_by_kind(barback: Command) -> None:
    done = barback("run", "next,sentiment", "--ingredients", "milk", "--text", "good")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "next": {"result": "milkmilk", "suggestions": []},
        "sentiment": {"length": 4},
    }


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        (["--size", "5"], {"size": 5}),
        (["--size=5"], {"size": 5}),
        (["--size", "-5"], {"size": -5}),
        (["--size", '"5"'], {"size": "5"}),
        (["--only-good", "true"], {"only_good": True}),
        (["--title", "NaN"], {"title": "NaN"}),
        (["--title", "[sic"], {"title": "[sic"}),
        (["--title", ""], {"title": ""}),
        (["--title=--a=b"], {"title": "--a=b"}),
        (["--tags", '["a", 1]'], {"tags": ["a", 1]}),
        (["--tags", "a", "--tags", "1"], {"tags": ["a", 1]}),
        (["--options", '{"a": null}'], {"options": {"a": None}}),
        (["--exclude", "nuts"], {"exclude": ["nuts"]}),
        (["--exclude", "7"], {"exclude": ["7"]}),
        (
            ["--exclude", "nuts", "--exclude", '["soy", "eggs"]'],
            {"exclude": ["nuts", "soy", "eggs"]},
        ),
    ],
)
def test_each_option_is_a_field(
    barback: Command, service: FakeService, arguments: list[str], fields: dict[str, Any]
) -> None:
    """Its value is JSON, or else text."""
    assert barback("run", "sentiment", "--text", "good", *arguments).exit_code == 0
    assert service.submitted() == [{"kind": "sentiment", "text": "good", **fields}]


def test_fields_come_from_a_file_and_from_options(
    barback: Command, service: FakeService, tmp_path: Path
) -> None:
    path = tmp_path / "input.json"
    path.write_text('\ufeff{"text": "мёд"}', encoding="utf-8")
    assert barback("run", "sentiment", "--input", str(path), "--size", "5").exit_code == 0
    assert barback("run", "sentiment", "--input", "-", stdin='{"text": "мёд"}').exit_code == 0
    assert service.submitted() == [{"kind": "sentiment", "text": "мёд", "size": 5}]
    assert json.loads(service.requests[1].content) == [{"kind": "sentiment", "text": "мёд"}]


@pytest.mark.parametrize(
    ("arguments", "stdin", "text"),
    [
        (["good"], "", "Write --field good"),
        (["-t", "good"], "", "Write --field -t"),
        (["--text"], "", "--text has no value"),
        (["--text", "--size", "5"], "", "--text has no value"),
        (["--exclude", '[{"a": 1, "a": 2}]'], "", "--exclude: the field 'a' occurs 2 times"),
        (["--kind", "next"], "", "An input has no field 'kind'"),
        (["--wait", "5"], "", "An input has no field 'wait'"),
        (["--input", "nosuch.json"], "", "nosuch.json: No such file"),
        (["--input", "-"], "[]", "- is not a JSON object"),
        (["--input", "-"], '{"text": ', "-: the JSON is not valid"),
        (["--input", "-"], '{"exclude": [], "exclude": []}', "-: the field 'exclude' occurs 2"),
        (["--input", "-", "--text", "a"], '{"text": "b"}', "text is in - and an option"),
    ],
)
def test_an_argument_that_is_no_field_is_invalid_usage(
    barback: Command, service: FakeService, arguments: list[str], stdin: str, text: str
) -> None:
    done = barback("run", "sentiment", *arguments, stdin=stdin)
    assert (done.exit_code, done.stdout, service.requests) == (2, "", [])
    assert text in done.stderr


@pytest.mark.parametrize(
    ("kind", "text"), [("--text", "Write the kind first"), ("next,", "A kind is missing")]
)
def test_the_kind_comes_first(barback: Command, kind: str, text: str) -> None:
    done = barback("run", kind, "good", "sentiment")
    assert done.exit_code == 2
    assert text in done.stderr


def test_a_refused_field_has_the_exit_code_of_a_refusal(
    barback: Command, service: FakeService
) -> None:
    service.refusals = [problem(422, "nothing-to-suggest", "No ingredient is left.")]
    done = barback("run", "next", "--exclude", "nuts")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "barback: No ingredient is left.\n"


def test_a_refusal_names_the_options(barback: Command, service: FakeService) -> None:
    errors = [
        {"at": "body[0].top_key", "detail": "did you mean top_k?"},
        {"at": "body[0].kind", "detail": "must be one of next"},
        {"at": 5, "detail": "is odd"},
    ]
    service.refusals = [problem(422, "invalid", "body[0].top_key: …", errors=errors)]
    done = barback("run", "nxt", "--top-key", "5")
    assert done.exit_code == 3
    assert done.stderr == ("barback: --top-key: did you mean top_k?; KIND: must be one of next.\n")


@pytest.mark.parametrize(("name", "code"), [("fails", 1), ("hangs", 4)])
def test_run_has_the_exit_codes_of_suggest(barback: Command, name: str, code: int) -> None:
    arguments = ("--ingredients", name, "--timeout", "0.01")
    assert barback("run", "next", *arguments).exit_code == code
