"""Letters that the shell, a terminal or a file cannot represent."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from barback._cli.console import write_every_letter

if TYPE_CHECKING:
    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


CODE_PAGES = ["ascii", "cp1252", "cp866", "utf-16"]


@pytest.mark.parametrize("code_page", CODE_PAGES)
def test_the_output_is_utf_8_whatever_the_code_page(barback: Command, code_page: str) -> None:
    """A letter that the code page lacks does not end a command after its work is done."""
    done = barback("suggest", "мёд", "é", charset=code_page)
    assert (done.exit_code, done.stdout_bytes) == (0, "мёдмёд\t0.250\n".encode())
    done = barback("submit", "-", "--wait", stdin="мёд;é\n".encode(), charset=code_page)
    assert done.exit_code == 0
    [row] = csv.DictReader(io.StringIO(done.stdout_bytes.decode()))
    assert row["result"] == "мёдмёд"


@pytest.mark.parametrize("output", [[], ["--output", "results.csv"]], ids=["stdout", "file"])
def test_a_letter_that_no_encoding_has_is_escaped(
    barback: Command, service: FakeService, output: list[str]
) -> None:
    """A broken service may send half of a pair of surrogates."""
    service.name_of = lambda _: "\ud800"
    done = barback("submit", "-", "--wait", "--no-document", *output, stdin="milk\n")
    assert done.exit_code == 0
    written = Path("results.csv").read_text(encoding="utf-8") if output else done.stdout
    assert ",\\ud800," in written


def test_a_terminal_keeps_its_encoding() -> None:
    screen = io.BytesIO()
    terminal = Terminal(screen, encoding="koi8-r")
    write_every_letter(terminal)
    terminal.write("мёд é")
    terminal.flush()
    assert screen.getvalue() == "мёд \\xe9".encode("koi8-r")


@pytest.mark.parametrize(
    "arguments",
    [
        "suggest \udcff",
        "suggest milk --exclude \udcff",
        "complete --only \udcff",
        "ingredients \udcff",
        "status \udcff",
        "result \udcff",
        "lines \udcff",
        "cancel \udcff",
        "submit \udcff.csv",
        "submit - --wait --output \udcff",
        "submit - --idempotency-key \udcff",
        "resume \udcff",
        "--url http://\udcff queue",
        "--language \udcff queue",
    ],
    ids=ascii,
)
def test_an_argument_that_is_not_unicode_is_refused(
    barback: Command, service: FakeService, arguments: str
) -> None:
    """A shell can pass any bytes."""
    done = barback(*arguments.split(" "), stdin="milk\n")
    assert (done.exit_code, done.stdout, service.requests) == (2, "", [])
    assert "is not valid Unicode" in done.stderr


@pytest.mark.parametrize("code_page", CODE_PAGES)
def test_messages_are_utf_8_whatever_the_code_page(barback: Command, code_page: str) -> None:
    done = barback("submit", "мёд.csv", charset=code_page)
    assert done.exit_code == 2
    assert "мёд.csv: No such file" in done.stderr_bytes.decode()
