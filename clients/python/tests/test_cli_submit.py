"""The command `submit`: a file of drinks in, a file of answers out."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from clients.python.tests.fakes import problem

if TYPE_CHECKING:
    from pathlib import Path

    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService


def test_submit_prints_the_tasks_ids(barback: Command, tmp_path: Path) -> None:
    """An id to a line, in the order of the drinks, without waiting."""
    path = tmp_path / "drinks.csv"
    path.write_text("milk; strawberry ;\n\nhangs\n")
    done = barback("submit", str(path))
    assert (done.exit_code, done.stdout, done.stderr) == (0, "task-0\ntask-1\n", "")


def test_a_line_is_names_or_json(barback: Command, service: FakeService) -> None:
    """Options of the command are what a line does not say itself."""
    lines = (
        '\ufeff"milk";tea\r\n["молоко"]\n{"ingredients": ["ice"], "top_k": 2, "priority": "bulk"}\n'
    )
    assert barback("submit", "-", "--top-k", "7", "--exclude", "nuts", typed=lines).exit_code == 0
    assert json.loads(service.requests[0].content) == [
        {"ingredients": ["milk", "tea"], "top_k": 7, "exclude": ["nuts"]},
        {"ingredients": ["молоко"], "top_k": 7, "exclude": ["nuts"]},
        {"ingredients": ["ice"], "top_k": 2, "exclude": ["nuts"], "priority": "bulk"},
    ]


def submitted_drinks(service: FakeService) -> list[dict[str, Any]]:
    """Return the drinks that the service received, as separate tasks or as a document."""
    if service.lines:
        return service.lines
    drinks: list[dict[str, Any]] = json.loads(service.requests[0].content)
    return drinks


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
    assert barback("submit", "-", *exclude, *options, typed=line).exit_code == 0
    assert submitted_drinks(service)[0]["exclude"] == expected


def test_a_line_keeps_its_exclusions_when_the_command_has_none(
    barback: Command, service: FakeService
) -> None:
    """A drink without exclusions sends no empty list."""
    lines = '{"ingredients": ["milk"], "exclude": ["nuts"]}\n["tea"]\n'
    assert barback("submit", "-", typed=lines).exit_code == 0
    assert submitted_drinks(service) == [
        {"ingredients": ["milk"], "exclude": ["nuts"]},
        {"ingredients": ["tea"]},
    ]


@pytest.mark.parametrize(
    ("line", "only"),
    [("milk", ["ice"]), ('{"only": null}', ["ice"]), ('{"only": ["honey"]}', ["honey"])],
)
def test_a_null_field_leaves_the_choice_to_the_command(
    barback: Command, service: FakeService, line: str, only: list[str]
) -> None:
    """A field with a value replaces the option, except for exclusions."""
    assert barback("submit", "-", "--only", "ice", typed=line).exit_code == 0
    assert submitted_drinks(service)[0]["only"] == only


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"ingredients": [', "it is not JSON"),
        ('{"ingrediens": []}', "a drink has no 'ingrediens'"),
        ('{"ingredients": "milk"}', "Give ingredients as a list of names"),
        ('{"ingredients": ["milk"], "exclude": "nuts"}', "Give exclude as a list of names"),
        ('[{"ingredients": ["milk"], "exclude": ["nuts"]}]', "Give ingredients as a list of names"),
        ('{"exclude": ["nuts"], "exclude": []}', "the field 'exclude' occurs twice"),
        (r'{"exclude": ["nuts"], "\u0065xclude": []}', "the field 'exclude' occurs twice"),
        ('[{"only": [], "only": []}]', "the field 'only' occurs twice"),
        ('{"ingredients": [{"a": {"b": 1, "b": 2}}]}', "the field 'b' occurs twice"),
        ('{"excludes": ["nuts"]}', "a drink has no 'excludes'"),
        ("[" * 100_000, "it is nested too deeply"),
        (r'["\ud800"]', "it is not valid Unicode"),
        ('{"top_k": NaN}', "Out of range float"),
        ('"milk', "its quotes do not match"),
        (b"\xff", "it is not UTF-8 text"),
    ],
)
def test_a_bad_line_is_named_before_anything_is_submitted(
    barback: Command, service: FakeService, line: str | bytes, text: str
) -> None:
    """The number counts every line of the file."""
    raw = line if isinstance(line, bytes) else line.encode()
    done = barback("submit", "-", typed=b"milk\n\n" + raw + b"\n")
    assert done.exit_code == 2
    assert f"-, line 3: {text}" in done.stderr
    assert service.requests == []


def test_a_line_that_the_service_refuses_is_named_too(barback: Command) -> None:
    """Tasks of the parts before it exist: their ids are printed all the same."""
    done = barback("submit", "-", typed="milk\n" * 99 + "\nunknown\n")
    assert done.exit_code == 3
    assert "-, line 101: 'unknown' is not known." in done.stderr
    assert "99 drinks had been submitted before" in done.stderr
    assert len(done.stdout.splitlines()) == 99


def test_answers_are_csv(barback: Command) -> None:
    """A row has the line, the drink and how its task ended; failures are in the exit code."""
    done = barback("submit", "-", "--wait", typed="milk;tea\nfails\n")
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
    }
    assert (second["status"], second["error"]) == ("FAIL", "No worker was left.")
    assert done.stderr == "barback: 1 of 2 drinks have no suggestion; their rows say why.\n"


def test_answers_are_json(barback: Command) -> None:
    """An array with all there is to know."""
    done = barback("submit", "-", "--wait", "--format", "json", typed="milk\n")
    [entry] = json.loads(done.stdout)
    assert (entry["line"], entry["drink"], entry["result"]) == (
        1,
        {"ingredients": ["milk"]},
        "milkmilk",
    )


def test_what_is_not_finished_in_time_is_said(barback: Command) -> None:
    """Its row has its id, by which to ask later."""
    done = barback("submit", "-", "--wait", "--timeout", "0.01", typed="milk\nhangs\n")
    assert done.exit_code == 4
    assert "task-1,PROCESSING" in done.stdout
    assert "1 of 2 drinks were not answered in 0.01 s" in done.stderr


def test_the_same_key_makes_no_second_tasks(barback: Command, service: FakeService) -> None:
    """A script that died can begin again."""
    for _ in range(2):
        done = barback("submit", "-", "--idempotency-key", "monday", typed="milk\n")
        assert done.stdout == "task-0\n"
    assert len(service.tasks) == 1


def test_the_output_file_is_replaced_whole(barback: Command, tmp_path: Path) -> None:
    """Nothing is left beside it, and its mode is kept."""
    path = tmp_path / "answers.csv"
    path.write_text("old")
    path.chmod(0o600)
    done = barback("submit", "-", "--wait", "--output", str(path), typed="milk\n")
    assert (done.exit_code, done.stdout) == (0, "")
    assert path.read_text().startswith("line,ingredients")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_output_file_as_it_was(
    barback: Command, service: FakeService, tmp_path: Path
) -> None:
    """What was there yesterday is better than half of today's."""
    path = tmp_path / "answers.csv"
    path.write_text("old")
    service.refusals = [problem(500, "internal")]
    assert barback("submit", "-", "--wait", "--output", str(path), typed="milk\n").exit_code == 4
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_output_file_may_be_a_link(barback: Command, tmp_path: Path) -> None:
    """The file behind the link is replaced, not the link."""
    (tmp_path / "link").symlink_to("answers.csv")
    barback("submit", "-", "--wait", "--output", str(tmp_path / "link"), typed="milk\n")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "answers.csv").read_text().startswith("line,")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nosuch.csv"], "nosuch.csv: No such file"),
        (["-", "--output", "answers.csv"], "add --wait"),
        (["-", "--wait", "--output", "/nosuch/answers.csv"], "/nosuch/answers.csv: No such file"),
        (["-", "--wait", "--output", "/dev/full"], "No space left"),
        (["-", "--format", "xml"], "xml"),
    ],
)
def test_a_file_that_cannot_be_read_or_written_is_wrong_usage(
    barback: Command, arguments: list[str], text: str
) -> None:
    """It is named in a sentence."""
    done = barback("submit", *arguments, typed="milk\n")
    assert (done.exit_code, done.stdout) == (2, "")
    assert text in done.stderr


def test_an_empty_file_is_wrong_usage(barback: Command) -> None:
    """There is nothing to submit."""
    done = barback("submit", "-", typed="\n  \n")
    assert done.exit_code == 2
    assert "has no drinks" in done.stderr
