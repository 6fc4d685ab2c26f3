"""The commands about one drink and about tasks, and how they end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2
import pytest

from barback._version import VERSION
from clients.python.tests.fakes import problem

if TYPE_CHECKING:
    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService


def test_suggest_prints_names_and_probabilities(barback: Command, service: FakeService) -> None:
    """Data goes to standard output, a suggestion to a line."""
    done = barback("suggest", "milk", "tea", "--exclude", "sugar", "--only", "ice", "--top-k", "3")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "milkmilk\t0.250\n", "")
    assert json.loads(service.requests[0].content) == [
        {"ingredients": ["milk", "tea"], "exclude": ["sugar"], "only": ["ice"], "top_k": 3}
    ]


def test_suggest_without_names_asks_for_a_base(barback: Command) -> None:
    """As the service does."""
    assert barback("suggest").stdout == "water\t0.250\n"


def test_json_is_all_there_is_to_know(barback: Command) -> None:
    """One line, as `jq` and `while read` like it."""
    done = barback("suggest", "milk", "--json")
    assert json.loads(done.stdout)["suggestions"][0]["probability"] == 0.25
    assert done.stdout.count("\n") == 1


def test_complete_prints_what_to_add(barback: Command, service: FakeService) -> None:
    """A name to a line."""
    assert barback("complete", "milk", "--length", "2").stdout == "milkmilk\n"
    assert b'"kind":"complete","length":2' in service.requests[0].content


def test_ingredients_and_queue_are_printed(barback: Command) -> None:
    """As lines, or as JSON."""
    assert barback("ingredients", "lem").stdout == "lemon\n"
    assert json.loads(barback("ingredients", "--json").stdout)["additive"] is True
    line = "interactive\twaiting 3\tin flight 1\trate unknown\texpected wait 0.5 s"
    assert barback("queue").stdout.splitlines()[0] == line
    assert json.loads(barback("queue", "--json").stdout)["bulk"]["depth"] == 3


def test_url_language_and_key_come_from_the_environment(
    barback: Command, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script sets them once."""
    monkeypatch.setenv("BARBACK_URL", "https://bar/dev")
    monkeypatch.setenv("BARBACK_LANGUAGE", "ru")
    monkeypatch.setenv("BARBACK_API_KEY", "secret")
    assert barback("queue").exit_code == 0
    [request] = service.requests
    assert str(request.url) == "https://bar/dev/api/queue"
    assert (request.headers["x-api-key"], request.headers["accept-language"]) == ("secret", "ru")


def test_status_says_where_tasks_stand(barback: Command) -> None:
    """A task that is not finished is no failure; one that failed is."""
    barback("submit", "-", typed="milk\nhangs\nfails\n")
    done = barback("status", "task-0", "task-1")
    assert (done.exit_code, done.stdout) == (0, "task-0\tSUCCESS\ntask-1\tPROCESSING\n")
    assert barback("status", "task-2").exit_code == 1


def test_result_waits_if_told_to(barback: Command) -> None:
    """What is not finished in time ends with the code for coming again."""
    barback("submit", "-", typed="milk\nhangs\nfails\n")
    done = barback("result", "task-0")
    assert (done.exit_code, done.stdout) == (0, "task-0\tSUCCESS\tmilkmilk\n")
    assert barback("result", "task-0", "task-1", "--timeout", "0.01").exit_code == 4
    assert barback("result", "task-0", "task-2").exit_code == 1
    assert json.loads(barback("result", "task-0", "--json").stdout)["result"] == "milkmilk"


def test_one_refused_id_keeps_no_other_from_its_answer(barback: Command) -> None:
    """The refusal is on standard error and in the exit code."""
    barback("submit", "-", typed="milk\n")
    done = barback("result", "nobody-s", "task-0")
    assert (done.exit_code, done.stdout) == (3, "task-0\tSUCCESS\tmilkmilk\n")
    assert done.stderr == "barback: nobody-s: No task of yours has this id.\n"


def test_cancel_says_what_it_cancelled(barback: Command) -> None:
    """A finished task is refused."""
    barback("submit", "-", typed="hangs\nmilk\n")
    done = barback("cancel", "task-0")
    assert (done.exit_code, done.stdout) == (0, "task-0\tCANCELLED\n")
    assert barback("cancel", "task-1").exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["suggest", "unknown"], 3, "'unknown' is not known."),
        (["suggest", "fails"], 1, "failed. No worker was left."),
        (["suggest", "hangs", "--timeout", "0.01"], 4, "is not finished yet"),
        (["--url", "bar", "suggest"], 2, "'bar' is no URL"),
        (["suggest", "--top-k", "many"], 2, "--top-k"),
        (["shake"], 2, "shake"),
    ],
)
def test_errors_are_a_sentence_and_an_exit_code(
    barback: Command, arguments: list[str], code: int, text: str
) -> None:
    """Nothing is on standard output, and no trace on standard error."""
    done = barback(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert text in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_that_passes_has_the_code_for_coming_again(
    barback: Command, service: FakeService, status: int
) -> None:
    """A script may try later, unlike after a refusal."""
    service.refusals = [problem(status, "busy") for _ in range(4)]
    assert barback("queue").exit_code == 4


def test_an_unreachable_service_has_the_code_for_coming_again(
    barback: Command, service: FakeService
) -> None:
    """The sentence names the service."""

    def refuse(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    service.transport.handler = refuse
    done = barback("queue")
    assert done.exit_code == 4
    assert done.stderr.startswith("barback: http://127.0.0.1:8000 gave no answer")


def test_ctrl_c_ends_with_130(barback: Command, service: FakeService) -> None:
    """As a shell says of a program that SIGINT ended."""

    def interrupt(_: httpx2.Request) -> httpx2.Response:
        raise KeyboardInterrupt

    service.transport.handler = interrupt
    assert barback("queue").exit_code == 130
    assert barback("submit", "-", "--wait", typed="milk\n").exit_code == 130


def test_help_names_the_exit_codes(barback: Command) -> None:
    """A script's author looks there first."""
    shown = barback("--help").stdout
    assert all(f"- {code}: " in shown for code in (0, 1, 2, 3, 4, 130))


def test_the_version_is_printed(barback: Command, service: FakeService) -> None:
    """Without asking the service for anything."""
    done = barback("--version")
    assert (done.exit_code, done.stdout) == (0, f"barback {VERSION}\n")
    assert service.requests == []
