"""The commands for files and tasks, with inputs of any kind."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from clients.python.tests.fakes import problem

if TYPE_CHECKING:
    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService

FILE = """{"text": "tea"}
{"kind": ["broken", "next"], "ingredients": ["milk"]}
{"kind": "next", "ingredients": ["milk"]}
{"kind": "broken", "ingredients": []}
"""
as_tasks_or_document = pytest.mark.parametrize("options", [["--no-document"], ["--document"]])


@as_tasks_or_document
def test_each_line_has_its_kind_or_that_of_the_command(
    barback: Command, service: FakeService, options: list[str]
) -> None:
    assert barback("submit", "-", "--kind", "sentiment", *options, stdin=FILE).exit_code == 0
    sent = [(line["kind"], line.get("text")) for line in service.submitted()]
    assert sent == [
        ("sentiment", "tea"),
        (["broken", "next"], None),
        ("next", None),
        ("broken", None),
    ]


@as_tasks_or_document
def test_the_output_column_has_the_answers_of_other_kinds_as_json(
    barback: Command, options: list[str]
) -> None:
    """A part that failed is in the summary and in the exit code."""
    lines = FILE.rpartition('{"kind": "broken"')[0]
    done = barback("submit", "-", "--kind", "sentiment", "--wait", *options, stdin=lines)
    tea, both, milk = csv.DictReader(io.StringIO(done.stdout))
    assert (tea["status"], tea["ingredients"], tea["output"]) == ("SUCCESS", "", '{"length": 3}')
    parts = json.loads(both["output"])
    assert (both["status"], both["ingredients"]) == ("SUCCESS", "milk")
    assert (parts["next"]["result"], parts["broken"]["error"]["detail"]) == (
        "milkmilk",
        "The model crashed.",
    )
    assert (milk["result"], milk["output"]) == ("milkmilk", "")
    assert done.exit_code == 1
    assert done.stderr == (
        "barback: -, line 2: broken: The model crashed.\n"
        "barback: No complete answer for 1 of 3 lines. See the results.\n"
    )


def test_json_results_have_outputs_and_parts(barback: Command) -> None:
    done = barback("submit", "-", "--kind", "sentiment", "--wait", "--format", "json", stdin=FILE)
    tea, both, *_ = json.loads(done.stdout)
    assert (tea["drink"], tea["output"]) == (
        {"kind": "sentiment", "text": "tea"},
        {"length": 3},
    )
    assert both["parts"]["next"]["result"] == "milkmilk"


def test_the_results_of_a_document_have_outputs_and_parts(barback: Command) -> None:
    lines = FILE.rpartition('{"kind": "broken"')[0]
    barback("submit", "-", "--kind", "sentiment", "--document", stdin=lines)
    done = barback("lines", "task-0")
    tea, both, _ = map(json.loads, done.stdout.splitlines())
    assert (tea["output"], both["parts"]["next"]["result"]) == ({"length": 3}, "milkmilk")
    assert done.exit_code == 1


@pytest.mark.parametrize(("kind", "code"), [("sentiment", 0), ("sentiment,broken", 1)])
def test_the_result_of_a_task_is_printed_as_json(barback: Command, kind: str, code: int) -> None:
    barback("submit", "-", "--kind", kind, stdin='{"text": "tea"}')
    done = barback("result", "task-0")
    *_, answer = done.stdout.split("\t")
    found = json.loads(answer)
    assert found.get("sentiment", found) == {"length": 3}
    assert done.exit_code == code


def test_the_reason_of_a_refusal_is_about_its_line_only(
    barback: Command, service: FakeService
) -> None:
    """The service names the fields of all lines of an array, by their positions in it."""
    errors = [
        {"at": "body[1].txt", "detail": "did you mean text?"},
        {"at": "body[2].size", "detail": "is missing"},
    ]
    service.refusals = [problem(422, "invalid", "body[1].txt: …", errors=errors, index=1)]
    done = barback("submit", "-", "--kind", "sentiment", stdin='{"text": "a"}\n' * 3)
    assert done.stderr.splitlines()[0] == "barback: -, line 2: txt: did you mean text?."


def test_lines_of_names_are_ingredients_of_the_kind(barback: Command, service: FakeService) -> None:
    lines = 'milk;tea\n["ice"]'
    assert barback("submit", "-", "--kind", "next,complete", stdin=lines).exit_code == 0
    assert [(line["kind"], line["ingredients"]) for line in service.submitted()] == [
        (["next", "complete"], ["milk", "tea"]),
        (["next", "complete"], ["ice"]),
    ]


@pytest.mark.parametrize("own", [None, [], ["soy"]])
@pytest.mark.parametrize("kind", ["similar", ["next", "similar"], ["next", "complete"]])
def test_exclusions_of_the_command_reach_lines_of_every_kind(
    barback: Command, service: FakeService, kind: str | list[str], own: list[str] | None
) -> None:
    """The service honours them or refuses the line."""
    line = json.dumps({"kind": kind, "exclude": own})
    barback("submit", "-", "--exclude", "nuts", stdin=line)
    assert service.submitted()[0]["exclude"] == ["nuts", *(own or [])]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("next", 3), ("complete", None), (["next", "complete"], 3), ("similar", 3)],
)
def test_top_k_is_for_kinds_that_may_have_it(
    barback: Command, service: FakeService, kind: Any, expected: int | None
) -> None:
    """The service refuses a field of another kind."""
    line = json.dumps({"kind": kind, "ingredients": ["milk"]})
    barback("submit", "-", "--top-k", "3", stdin=line)
    assert service.submitted()[0].get("top_k") == expected


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"kind": 5}', "Give kind as a string"),
        ('{"kind": [5]}', "Give kind as a string"),
        ('{"kind": {"a": 1}}', "Give kind as a string"),
        ('{"kind": ["next", "complete"], "size": 1}', "unknown field 'size'"),
        ('{"kind": "similar", "exclude": "soy"}', "Give exclude as a list of names"),
    ],
)
def test_a_line_whose_kind_cannot_be_read_fails_alone(
    barback: Command, service: FakeService, line: str, text: str
) -> None:
    done = barback("submit", "-", "--exclude", "nuts", stdin=f"{line}\nmilk\n")
    assert done.exit_code == 1
    assert f"-, line 1: {text}" in done.stderr
    assert [sent["ingredients"] for sent in service.submitted()] == [["milk"]]
