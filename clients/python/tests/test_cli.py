"""The commands for one drink and for tasks, their messages and exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2
import pytest
from typer.testing import CliRunner

from barback import AsyncBarback, Barback
from barback._cli.app import cli
from barback._cli.exit_codes import ExitCode
from barback._version import VERSION
from clients.python.tests.fakes import problem, respond

if TYPE_CHECKING:
    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService


def test_suggest_prints_names_and_probabilities(barback: Command, service: FakeService) -> None:
    """Standard output has one suggestion per line and nothing else."""
    done = barback("suggest", "milk", "tea", "--exclude", "sugar", "--only", "ice", "--top-k", "3")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "milkmilk\t0.250\n", "")
    assert service.submitted() == [
        {"ingredients": ["milk", "tea"], "exclude": ["sugar"], "only": ["ice"], "top_k": 3}
    ]


@pytest.mark.parametrize("command", ["suggest", "complete", "submit"])
def test_novelty_is_sent_with_the_drink(
    barback: Command, service: FakeService, command: str
) -> None:
    argument = "-" if command == "submit" else "milk"
    assert barback(command, argument, "--novelty", "0.5", stdin="milk").exit_code == 0
    assert service.submitted()[0]["novelty"] == 0.5


@pytest.mark.parametrize("command", ["suggest", "complete", "submit"])
@pytest.mark.parametrize("value", ["1.5", "-1", "nan"])
def test_another_novelty_is_refused_before_anything_is_sent(
    barback: Command, service: FakeService, command: str, value: str
) -> None:
    argument = "-" if command == "submit" else "milk"
    done = barback(command, argument, "--novelty", value, stdin="milk")
    assert (done.exit_code, service.requests) == (2, [])
    assert "Give novelty as a number from 0 to 1." in done.stderr


@pytest.mark.parametrize("command", ["suggest", "complete"])
def test_repeated_exclude_options_add_up(
    barback: Command, service: FakeService, command: str
) -> None:
    assert barback(command, "milk", "--exclude", "nuts", "--exclude", "eggs").exit_code == 0
    assert service.submitted()[0]["exclude"] == ["nuts", "eggs"]


def test_suggest_without_names_prints_a_base(barback: Command) -> None:
    assert barback("suggest").stdout == "water\t0.250\n"


def test_json_output_has_every_field_on_one_line(barback: Command) -> None:
    done = barback("suggest", "milk", "--json")
    assert json.loads(done.stdout)["suggestions"][0]["probability"] == 0.25
    assert done.stdout.count("\n") == 1


def test_complete_prints_one_name_per_line(barback: Command, service: FakeService) -> None:
    assert barback("complete", "milk", "--length", "2").stdout == "milkmilk\n"
    assert service.submitted() == [{"ingredients": ["milk"], "kind": "complete", "length": 2}]


def test_ingredients_are_printed_as_names_or_json(barback: Command) -> None:
    assert barback("ingredients", "lem").stdout == "lemon\n"
    assert json.loads(barback("ingredients", "--json").stdout)["additive"] is True


def test_a_part_of_no_name_is_said(barback: Command, service: FakeService) -> None:
    service.refusals = [respond(200, [])]
    done = barback("ingredients", "quux")
    assert (done.exit_code, done.stdout, done.stderr) == (
        0,
        "",
        "barback: No name contains 'quux'.\n",
    )


def test_groups_are_printed_as_names_or_json(barback: Command) -> None:
    assert barback("groups").stdout == "group:dairy\n"
    assert json.loads(barback("groups", "--json").stdout)["ingredients"] == 40


def test_a_group_is_excluded_like_a_name(barback: Command, service: FakeService) -> None:
    """Only the service knows the groups."""
    assert barback("suggest", "tea", "--exclude", "group:dairy").exit_code == 0
    assert service.submitted()[0]["exclude"] == ["group:dairy"]


def test_queue_prints_the_load_as_text_or_json(barback: Command) -> None:
    line = "interactive\twaiting 3\tin flight 1\trate unknown\texpected wait 0.5 s"
    assert barback("queue").stdout.splitlines()[0] == line
    assert json.loads(barback("queue", "--json").stdout)["bulk"]["depth"] == 3


def test_url_language_and_key_come_from_the_environment(
    barback: Command, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARBACK_URL", "https://bar/dev")
    monkeypatch.setenv("BARBACK_LANGUAGE", "ru")
    monkeypatch.setenv("BARBACK_API_KEY", "secret")
    assert barback("queue").exit_code == 0
    [request] = service.requests
    assert str(request.url) == "https://bar/dev/api/queue"
    assert (request.headers["x-api-key"], request.headers["accept-language"]) == ("secret", "ru")


def test_status_exits_with_1_only_if_a_task_failed(barback: Command) -> None:
    """An unfinished task is not a failure."""
    barback("submit", "-", stdin="milk\nhangs\nfails\n")
    done = barback("status", "task-0", "task-1")
    assert (done.exit_code, done.stdout) == (0, "task-0\tSUCCESS\ntask-1\tPROCESSING\n")
    assert barback("status", "task-2").exit_code == 1


def test_result_exits_with_4_if_a_task_is_not_finished_in_time(barback: Command) -> None:
    barback("submit", "-", stdin="milk\nhangs\nfails\n")
    done = barback("result", "task-0")
    assert (done.exit_code, done.stdout) == (0, "task-0\tSUCCESS\tmilkmilk\n")
    assert barback("result", "task-0", "task-1", "--timeout", "0.01").exit_code == 4
    assert barback("result", "task-0", "task-2").exit_code == 1
    assert json.loads(barback("result", "task-0", "--json").stdout)["result"] == "milkmilk"


def test_result_says_how_to_print_the_lines_of_a_document(barback: Command) -> None:
    barback("submit", "-", "--document", stdin="milk\n")
    done = barback("result", "task-0")
    assert done.stdout == "task-0\tSUCCESS\t\n"
    assert done.stderr == "barback: `barback lines task-0` prints the results of its lines.\n"


def test_a_refused_id_does_not_stop_the_other_ids(barback: Command) -> None:
    """The refusal is on standard error and in the exit code."""
    barback("submit", "-", stdin="milk\n")
    done = barback("result", "no-such-task", "task-0")
    assert (done.exit_code, done.stdout) == (3, "task-0\tSUCCESS\tmilkmilk\n")
    assert done.stderr == "barback: no-such-task: No task of yours has this id.\n"


def test_cancel_prints_the_cancelled_tasks(barback: Command) -> None:
    """A finished task is refused."""
    barback("submit", "-", stdin="hangs\nmilk\n")
    done = barback("cancel", "task-0")
    assert (done.exit_code, done.stdout) == (0, "task-0\tCANCELLED\n")
    assert barback("cancel", "task-1").exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["suggest", "unknown"], 3, "'unknown' is not known."),
        (["suggest", "fails"], 1, "failed. Every worker was lost."),
        (["suggest", "hangs", "--timeout", "0.01"], 4, "is not finished yet"),
        (["--url", "bar", "suggest"], 2, "'bar' is not a valid URL"),
        (["suggest", "--top-k", "many"], 2, "--top-k"),
        (["shake"], 2, "shake"),
    ],
)
def test_an_error_is_a_message_and_an_exit_code(
    barback: Command, arguments: list[str], code: int, text: str
) -> None:
    """Standard output stays empty, and standard error has no traceback."""
    done = barback(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert text in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://me:geheim@proxy:1080"),
        ("HTTPS_PROXY", "ftp://me:geheim@proxy"),
        ("HTTP_PROXY", "http://me:geheim@proxy:port"),
        ("SSL_CERT_FILE", "/nosuch"),
    ],
)
def test_an_unusable_setting_of_the_network_is_invalid_usage(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The message names the variable, but not the password in it."""
    monkeypatch.setenv(name, value)
    done = CliRunner().invoke(cli, ["queue"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert name in done.stderr
    assert "geheim" not in done.stderr
    for client in (Barback, AsyncBarback):
        with pytest.raises(ValueError, match=name) as raised:
            client("http://bar")
        assert "geheim" not in str(raised.value)


@pytest.mark.parametrize("key", ["ключ", "a\nb"])
def test_a_key_that_no_header_can_carry_is_invalid_usage(
    barback: Command, service: FakeService, key: str
) -> None:
    done = barback("submit", "-", "--idempotency-key", key, stdin="milk\n")
    assert (done.exit_code, service.requests) == (2, [])
    assert "The idempotency key may have printable ASCII" in done.stderr


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_transient_error_exits_with_4(
    barback: Command, service: FakeService, status: int
) -> None:
    """A script can tell it from a refusal and try again later."""
    service.refusals = [problem(status, "busy") for _ in range(4)]
    assert barback("queue").exit_code == 4


def test_an_unreachable_service_exits_with_4(barback: Command, service: FakeService) -> None:
    """The message names the service."""

    def refuse(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    service.transport.handler = refuse
    done = barback("queue")
    assert done.exit_code == 4
    assert done.stderr.startswith("barback: http://127.0.0.1:8000 did not respond")


def test_ctrl_c_exits_with_130(barback: Command, service: FakeService) -> None:
    def interrupt(_: httpx2.Request) -> httpx2.Response:
        raise KeyboardInterrupt

    service.transport.handler = interrupt
    assert barback("queue").exit_code == 130
    assert barback("submit", "-", "--wait", stdin="milk\n").exit_code == 130


def test_help_lists_the_exit_codes(barback: Command) -> None:
    shown = barback("--help").stdout
    assert all(f"- {code}: " in shown for code in tuple(ExitCode))


def test_the_version_is_printed_without_a_request(barback: Command, service: FakeService) -> None:
    done = barback("--version")
    assert (done.exit_code, done.stdout) == (0, f"barback {VERSION}\n")
    assert service.requests == []
