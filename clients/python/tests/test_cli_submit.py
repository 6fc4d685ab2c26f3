"""The command `submit`: its input, its output and its errors."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from clients.python.tests.fakes import problem

if TYPE_CHECKING:
    from pathlib import Path

    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService


def test_submit_prints_the_ids_of_the_tasks(barback: Command, tmp_path: Path) -> None:
    """One id per line, in the order of the drinks, without waiting; a message has their batch."""
    path = tmp_path / "drinks.csv"
    path.write_text("milk; strawberry ;\n\nhangs\n")
    done = barback("submit", str(path))
    assert (done.exit_code, done.stdout) == (0, "task-0\ntask-1\n")
    assert re.fullmatch(r"barback: `barback batch \S+` prints the results of .*\n", done.stderr)


def test_a_line_is_names_or_json(barback: Command, service: FakeService) -> None:
    """An option applies to each line that does not have the field."""
    lines = (
        '\ufeff"milk";tea\r\n["молоко"]\n{"ingredients": ["ice"], "top_k": 2,'
        ' "priority": "interactive"}\n'
    )
    assert barback("submit", "-", "--top-k", "7", "--exclude", "nuts", stdin=lines).exit_code == 0
    assert service.submitted() == [
        {"ingredients": ["milk", "tea"], "top_k": 7, "exclude": ["nuts"], "priority": "bulk"},
        {"ingredients": ["молоко"], "top_k": 7, "exclude": ["nuts"], "priority": "bulk"},
        {"ingredients": ["ice"], "top_k": 2, "exclude": ["nuts"], "priority": "interactive"},
    ]


@pytest.mark.parametrize("options", [[], ["--document"]], ids=["tasks", "document"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("milk", ["nuts", "eggs"]),
        ('["milk"]', ["nuts", "eggs"]),
        ('{"ingredients": ["milk"]}', ["nuts", "eggs"]),
        ('{"ingredients": ["milk"], "exclude": null}', ["nuts", "eggs"]),
        ('{"ingredients": ["milk"], "exclude": []}', ["nuts", "eggs"]),
        ('{"ingredients": ["milk"], "exclude": ["soy", "nuts"]}', ["nuts", "eggs", "soy"]),
        (
            '{"ingredients": ["milk"], "exclude": ["soy"], "only": ["nuts"]}',
            ["nuts", "eggs", "soy"],
        ),
    ],
    ids=["names", "array", "missing", "null", "empty", "own", "own with only"],
)
def test_exclusions_of_the_command_and_of_a_line_add_up(
    barback: Command, service: FakeService, options: list[str], line: str, expected: list[str]
) -> None:
    """An exclusion may be an allergy, so a line never replaces those of the command."""
    exclude = ("--exclude", "nuts", "--exclude", "eggs")
    assert barback("submit", "-", *exclude, *options, stdin=line).exit_code == 0
    assert service.submitted()[0]["exclude"] == expected


def test_a_line_keeps_its_exclusions_when_the_command_has_none(
    barback: Command, service: FakeService
) -> None:
    """A drink without exclusions sends no empty list."""
    lines = '{"ingredients": ["milk"], "exclude": ["nuts"]}\n["tea"]\n'
    assert barback("submit", "-", stdin=lines).exit_code == 0
    assert service.submitted() == [
        {"ingredients": ["milk"], "exclude": ["nuts"], "priority": "bulk"},
        {"ingredients": ["tea"], "priority": "bulk"},
    ]


@pytest.mark.parametrize(
    ("line", "only"),
    [("milk", ["ice"]), ('{"only": null}', ["ice"]), ('{"only": ["honey"]}', ["honey"])],
)
def test_a_line_s_only_replaces_the_option_unless_it_is_null(
    barback: Command, service: FakeService, line: str, only: list[str]
) -> None:
    assert barback("submit", "-", "--only", "ice", stdin=line).exit_code == 0
    assert service.submitted()[0]["only"] == only


INCOMPLETE_LINES = [
    ('{"ingredients": [', "the JSON is not valid"),
    ('[{"exclude": [], "exclude": []},', "the field 'exclude' occurs 2 times"),
    ("{'ingredients': ['a'],", "the JSON is not valid"),
    ('["milk]', "the JSON is not valid"),
    (b'{"ingredients": ["\xff"],', "the text is not UTF-8"),
    ("[" * 100_000, "the JSON is nested too deeply"),
]
INVALID_LINES = [
    ('{"ingrediens": []}', "unknown field 'ingrediens'"),
    ('{"excludes": ["nuts"]}', "unknown field 'excludes'"),
    ('{"ingredients": "milk"}', "Give ingredients as a list of names"),
    ('{"ingredients": ["milk"], "exclude": "nuts"}', "Give exclude as a list of names"),
    ('[{"ingredients": ["milk"], "exclude": ["nuts"]}]', "Give ingredients as a list of names"),
    ('{"exclude": ["nuts"], "exclude": []}', "the field 'exclude' occurs 2 times"),
    (r'{"exclude": ["nuts"], "\u0065xclude": []}', "the field 'exclude' occurs 2 times"),
    ('[{"only": [], "only": []}]', "the field 'only' occurs 2 times"),
    ('{"ingredients": [{"a": {"b": 1, "b": 2}}]}', "the field 'b' occurs 2 times"),
    (r'["\ud800"]', "a string has a lone surrogate"),
    ('{"top_k": NaN}', "NaN is not a JSON value"),
    ('{"top_k": 1e999}', "a number is too large"),
    ('{"top_k": ' + "9" * 5000 + "}", "a number is too large"),
    ('{"top_k": [5]}', "top_k is a single value"),
    ('{"priority": {"a": 1}}', "priority is a single value"),
    ('{"novelty": 2}', "Give novelty as a number from 0 to 1"),
    ('{"novelty": true}', "Give novelty as a number from 0 to 1"),
    ('"milk', "the quotes do not match"),
    (b"\xff", "the text is not UTF-8"),
]


def invalid(line: str | bytes) -> bytes:
    """Return a file whose third line is invalid; line numbers count empty lines too."""
    raw = line if isinstance(line, bytes) else line.encode()
    return b"milk\n\n" + raw + b"\ntea\n"


@pytest.mark.parametrize("options", [["--no-document"], []], ids=["tasks", "document"])
@pytest.mark.parametrize(("line", "text"), INVALID_LINES)
def test_an_invalid_line_fails_alone(
    barback: Command, service: FakeService, options: list[str], line: str | bytes, text: str
) -> None:
    """It is in the results and in the summary, and it is never submitted."""
    done = barback("submit", "-", "--wait", *options, stdin=invalid(line))
    assert done.exit_code == 1
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    found = [(row["line"], row["status"], row["result"]) for row in rows]
    assert found == [
        ("1", "SUCCESS", "milkmilk"),
        ("3", "FAIL", ""),
        ("4", "SUCCESS", "teatea"),
    ]
    assert rows[1]["error"].startswith(text)
    assert f"-, line 3: {text}" in done.stderr
    assert [drink["ingredients"] for drink in service.submitted()] == [["milk"], ["tea"]]


@pytest.mark.parametrize("options", [[], ["--document"], ["--wait"]])
@pytest.mark.parametrize(("line", "text"), INVALID_LINES)
def test_a_strict_run_submits_nothing_if_a_line_is_invalid(
    barback: Command, service: FakeService, options: list[str], line: str | bytes, text: str
) -> None:
    done = barback("submit", "-", "--strict", *options, stdin=invalid(line))
    assert done.exit_code == 2
    assert f"-, line 3: {text}" in done.stderr
    assert service.requests == []


@pytest.mark.parametrize(("line", "text"), INCOMPLETE_LINES)
def test_json_that_may_continue_on_the_next_line_refuses_the_file(
    barback: Command, service: FakeService, line: str | bytes, text: str
) -> None:
    """A part of such a drink could look like a drink without its exclusions."""
    done = barback("submit", "-", "--wait", stdin=invalid(line))
    assert done.exit_code == 2
    assert f"-, line 3: {text}" in done.stderr
    assert service.requests == []


@pytest.mark.parametrize("members", ['"top_k": ', '"kind": "similar", "size": '])
def test_nested_json_of_any_depth_fails_alone(barback: Command, members: str) -> None:
    """A depth just below the limit of the parser is more than the resume file could keep."""
    for depth in (101, *range(900, 1000, 4), *range(985, 995), *range(9_960, 10_000, 4)):
        line = f"{{{members}{'[' * depth}{']' * depth}}}"
        done = barback("submit", "-", stdin=f"milk\n{line}\n")
        assert (done.exit_code, len(done.stdout.split())) == (1, 1)
        assert "-, line 2: " in done.stderr


def test_a_json_array_over_several_lines_is_refused(barback: Command, service: FakeService) -> None:
    """The message says to write each drink on one line."""
    done = barback("submit", "-", stdin='[\n  {"ingredients": ["milk"]}\n]\n')
    assert done.exit_code == 2
    assert "-, line 1: the JSON is not valid" in done.stderr
    assert "Write each drink on one line." in done.stderr
    assert service.requests == []


@pytest.mark.parametrize("wait", [[], ["--wait", "--no-document"]], ids=["ids", "results"])
def test_a_line_that_the_service_refuses_fails_alone(barback: Command, wait: list[str]) -> None:
    """The other lines of its array and of other arrays are submitted."""
    done = barback("submit", "-", *wait, stdin="milk\n" * 120 + "\nunknown\nunknown\ntea\n")
    assert done.exit_code == 1
    assert "-, line 122: 'unknown' is not known." in done.stderr
    assert "-, line 123: 'unknown' is not known." in done.stderr
    if wait:
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        assert [int(row["line"]) for row in rows] == [*range(1, 121), 122, 123, 124]
        assert sum(row["status"] == "SUCCESS" for row in rows) == 121
    else:
        assert len(done.stdout.splitlines()) == 121


def test_a_strict_run_stops_at_a_line_that_the_service_refuses(barback: Command) -> None:
    """The ids of the tasks before it are printed, because those tasks continue."""
    done = barback("submit", "-", "--strict", stdin="milk\n" * 99 + "\nunknown\n")
    assert done.exit_code == 3
    assert "-, line 101: 'unknown' is not known." in done.stderr
    assert "Submitted: 99 of 100 lines" in done.stderr
    assert len(done.stdout.splitlines()) == 99


def test_results_are_csv(barback: Command) -> None:
    """A row has the line, the drink and its result. A failure is in the exit code too."""
    done = barback("submit", "-", "--wait", "--no-document", stdin="milk;tea\nfails\n")
    assert done.exit_code == 1
    first, second = csv.DictReader(io.StringIO(done.stdout))
    assert first == {
        "line": "1",
        "ingredients": "milk;tea",
        "task_id": "task-0",
        "status": "SUCCESS",
        "result": "milkmilk",
        "probability": "0.2500",
        "error": "",
        "output": "",
        "suggestions": "milkmilk",
        "probabilities": "0.2500",
    }
    assert (second["status"], second["error"]) == ("FAIL", "Every worker was lost.")
    assert done.stderr == (
        "barback: -, line 2: Every worker was lost.\n"
        "barback: No complete answer for 1 of 2 lines. See the results.\n"
    )


def test_results_can_be_json(barback: Command) -> None:
    """An array with every field of each result."""
    done = barback("submit", "-", "--wait", "--format", "json", stdin="milk\n")
    [entry] = json.loads(done.stdout)
    assert (entry["line"], entry["drink"], entry["result"]) == (
        1,
        {"ingredients": ["milk"]},
        "milkmilk",
    )


def test_an_unfinished_drink_has_a_row_with_its_id(barback: Command) -> None:
    """The id is needed to fetch the result later."""
    options = ("--wait", "--no-document", "--timeout", "0.01")
    done = barback("submit", "-", *options, stdin="milk\nhangs\n")
    assert done.exit_code == 4
    assert "task-1,PROCESSING" in done.stdout
    assert "Not finished within 0.01 s: 1 of 2 lines" in done.stderr
    assert "Continue with: barback resume stdin." in done.stderr


def test_the_same_key_creates_no_second_tasks(barback: Command, service: FakeService) -> None:
    """A script that crashed can run again."""
    for _ in range(2):
        done = barback("submit", "-", "--idempotency-key", "monday", stdin="milk\n")
        assert done.stdout == "task-0\n"
    assert len(service.tasks) == 1


def test_a_document_with_an_idempotency_key_becomes_one_task(
    barback: Command, service: FakeService
) -> None:
    """A second submission of the same file prints the same id; another file is refused."""
    options = ("--document", "--idempotency-key", "monday")
    for _ in range(2):
        assert barback("submit", "-", *options, stdin="milk\n").stdout == "task-0\n"
    assert barback("submit", "-", *options, stdin="tea\n").exit_code == 3
    assert len(service.tasks) == 1


def test_the_output_file_is_replaced_as_a_whole(barback: Command, tmp_path: Path) -> None:
    """Its mode is kept, and no temporary file is left."""
    path = tmp_path / "results.csv"
    path.write_text("old")
    path.chmod(0o600)
    done = barback("submit", "-", "--wait", "--output", str(path), stdin="milk\n")
    assert (done.exit_code, done.stdout) == (0, "")
    assert path.read_text().startswith("line,ingredients")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_output_file_unchanged(
    barback: Command, service: FakeService, tmp_path: Path
) -> None:
    path = tmp_path / "results.csv"
    path.write_text("old")
    service.refusals = [problem(500, "internal")]
    assert barback("submit", "-", "--wait", "--output", str(path), stdin="milk\n").exit_code == 4
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_output_file_may_be_a_link(barback: Command, tmp_path: Path) -> None:
    """The target of the link is replaced, not the link."""
    (tmp_path / "link").symlink_to("results.csv")
    barback("submit", "-", "--wait", "--output", str(tmp_path / "link"), stdin="milk\n")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "results.csv").read_text().startswith("line,")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nosuch.csv"], "nosuch.csv: No such file"),
        (["-", "--output", "results.csv"], "Add --wait"),
        (["-", "--wait", "--output", "/nosuch/results.csv"], "/nosuch/results.csv: No such file"),
        (["-", "--wait", "--output", "/dev/full"], "No space left"),
        (["-", "--format", "xml"], "xml"),
    ],
)
def test_a_file_that_cannot_be_read_or_written_is_invalid_usage(
    barback: Command, arguments: list[str], text: str
) -> None:
    """The message names the file."""
    done = barback("submit", *arguments, stdin="milk\n")
    assert (done.exit_code, done.stdout) == (2, "")
    assert text in done.stderr


def test_a_file_without_drinks_is_invalid_usage(barback: Command) -> None:
    done = barback("submit", "-", stdin="\n  \n")
    assert done.exit_code == 2
    assert "has no drinks" in done.stderr


@pytest.mark.parametrize("option", [("--priority", "bulk"), ("--ignore-unknown",)], ids=str)
def test_an_option_for_tasks_is_refused_with_a_document(
    barback: Command, service: FakeService, option: tuple[str, ...]
) -> None:
    """With --wait alone, it makes the lines tasks."""
    done = barback("submit", "-", "--document", *option, stdin="milk\n")
    assert (done.exit_code, service.requests) == (2, [])
    assert f"{option[0]} is for tasks. Remove it or --document." in done.stderr
    assert barback("submit", "-", "--wait", *option, stdin="milk\ntea\n").exit_code == 0
    assert len(service.tasks) == 2


def test_a_document_has_one_deadline_and_metadata_of_its_own(
    barback: Command, service: FakeService
) -> None:
    options = ("--deadline-seconds", "9", "--metadata", "order=17")
    done = barback("submit", "-", "--document", *options, stdin="milk\ntea\n")
    assert (done.exit_code, done.stdout) == (0, "task-0\n")
    [request] = service.requests
    assert json.loads(request.content) == {
        "lines": [{"ingredients": ["milk"]}, {"ingredients": ["tea"]}],
        "deadline_seconds": 9,
        "metadata": {"order": "17"},
    }


def test_the_rows_of_a_document_repeat_its_metadata(barback: Command, service: FakeService) -> None:
    options = ("--wait", "--format", "json", "--document", "--metadata", "order=17")
    done = barback("submit", "-", *options, stdin="milk\ntea\n")
    assert [row["metadata"] for row in json.loads(done.stdout)] == [{"order": "17"}] * 2
    assert len(service.tasks) == 1


def test_a_deadline_makes_the_lines_tasks(barback: Command, service: FakeService) -> None:
    """Each has its own, unless a document is asked for."""
    done = barback("submit", "-", "--wait", "--deadline-seconds", "9", stdin="milk\ntea\n")
    assert (done.exit_code, len(service.tasks)) == (0, 2)
    assert [drink["deadline_seconds"] for drink in service.submitted()] == [9, 9]


def test_length_applies_to_the_lines_of_kind_complete(
    barback: Command, service: FakeService
) -> None:
    lines = '{"kind": "complete"}\n{"kind": "complete", "length": 3}\nmilk\n'
    assert barback("submit", "-", "--length", "5", stdin=lines).exit_code == 0
    assert [drink.get("length") for drink in service.submitted()] == [5, 3, None]


@pytest.mark.parametrize("options", [[], ["--document"]], ids=["tasks", "document"])
def test_lines_without_a_task_are_counted(barback: Command, options: list[str]) -> None:
    done = barback("submit", "-", *options, stdin='milk\n{"foo": 1}\n')
    assert done.exit_code == 1
    assert "barback: Not submitted: 1 of 2 lines.\n" in done.stderr
