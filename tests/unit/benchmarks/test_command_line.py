"""Tests of the measurement of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import command_line

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.benchmarks.conftest import FakeService

HEADER = "line,ingredients,task_id,status,result,probability,error\n"
ROWS = [f"{n},{drink},{n},SUCCESS,sugar,0.5,\n" for n, drink in enumerate(("milk", "milk;tea"), 1)]
DRINKS = ["milk", "milk;tea"]


def test_a_row_with_a_suggestion_answers_each_drink() -> None:
    assert command_line.answers(HEADER + "".join(ROWS), DRINKS)


@pytest.mark.parametrize(
    "rows",
    [ROWS[:1], [*ROWS, ROWS[1]], ROWS[::-1], [ROWS[0], ROWS[1].replace("SUCCESS", "PROCESSING")]],
    ids=["missing", "repeated", "in another order", "not final"],
)
def test_other_rows_do_not_answer_the_drinks(rows: list[str]) -> None:
    assert not command_line.answers(HEADER + "".join(rows), DRINKS)


def test_the_file_is_submitted_with_the_command_line(service: FakeService, tmp_path: Path) -> None:
    """The fake service answers each drink of the file."""
    file = command_line.write_drinks(tmp_path, 3)
    assert command_line.seconds(service.url, file, "--no-document") > 0
    [drinks] = service.submissions
    assert [";".join(drink) for drink in drinks] == file.read_text().splitlines()


def test_a_file_with_a_failed_drink_is_an_error(service: FakeService, tmp_path: Path) -> None:
    service.status = "FAIL"
    file = command_line.write_drinks(tmp_path, 3)
    with pytest.raises(RuntimeError, match="FAIL"):
        command_line.seconds(service.url, file, "--no-document")
