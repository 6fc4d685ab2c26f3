"""Messages of the service in the terms of the command line, and shell completion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from barback import Failure, Part, Result, Status
from barback._cli.result_formats import to_json
from barback._cli.terms import in_own_terms, in_terms_of_a_line
from clients.python.tests.fakes import FakeService, problem

if TYPE_CHECKING:
    from clients.python.tests.conftest import Command

SOURCE = Path(__file__).parents[1] / "src"
UNKNOWN = (
    "'strawbery' is not known; did you mean strawberry? GET /api/ingredients?q= lists names; "
    "ignore_unknown=true leaves these out."
)
OWN = (
    "'strawbery' is not known; did you mean strawberry? `barback ingredients straw` lists names; "
    "--ignore-unknown leaves these out."
)
ONE_DRINK = [("suggest", "milk"), ("complete", "milk"), ("run", "next", "--ingredients", "milk")]
SUBMIT = ("submit", "-", "--no-document")


@pytest.mark.parametrize(
    ("message", "own"),
    [
        (
            UNKNOWN,
            OWN,
        ),
        (
            "'quux' is not known. GET /api/ingredients?q= lists names.",
            "'quux' is not known. `barback ingredients` lists names.",
        ),
        (
            "There is nothing at this path; see /docs for all paths.",
            "There is no Barback service at this URL. Check --url, or BARBACK_URL.",
        ),
        ("This Idempotency-Key was used before.", "This --idempotency-key was used before."),
        ("Submit it with ?webhook=https://….", "Submit it with --webhook https://…."),
        (
            "'group:dairi' is not known; did you mean group:dairy? GET /api/groups lists groups.",
            "'group:dairi' is not known; did you mean group:dairy? `barback groups` lists groups.",
        ),
        ("GET /api/groups lists groups.", "`barback groups` lists groups."),
        ("body[0].top_k: must be 1 to 20.", "--top-k: must be 1 to 20."),
        ("body.deadline_seconds: no.", "--deadline-seconds: no."),
        ("body[0]: low must not be above high.", "low must not be above high."),
        ("query.webhook: use https.", "--webhook: use https."),
        ("The somebody.else stays.", "The somebody.else stays."),
    ],
)
def test_a_message_names_commands_and_options(message: str, own: str) -> None:
    assert in_own_terms(message) == own


@pytest.mark.parametrize(
    ("name", "similar", "part"),
    [
        ("lemmon", "lemon", "lem"),
        ("mlk", "milk or ice", "mil"),
        ("peanutz", "group:peanut or peanut", "peanu"),
        ("oat mlk", "oat milk", "'oat m'"),
    ],
)
def test_a_message_lists_names_like_the_first_similar_one(
    name: str, similar: str, part: str
) -> None:
    unknown = f"{name!r} is not known; did you mean {similar}?"
    own = in_own_terms(f"{unknown} GET /api/ingredients?q= lists names.")
    assert own == f"{unknown} `barback ingredients {part}` lists names."


def test_a_message_about_a_line_names_fields_and_no_options() -> None:
    assert in_terms_of_a_line("body[7].top_k: must be 1 to 20.") == "top_k: must be 1 to 20."
    assert in_terms_of_a_line(UNKNOWN).endswith("`barback ingredients straw` lists names.")


@pytest.mark.parametrize("command", [("suggest", "strawbery"), ("run", "next")])
def test_a_refusal_is_printed_in_own_terms(
    barback: Command, service: FakeService, command: tuple[str, ...]
) -> None:
    service.refusals = [problem(422, "unknown-ingredient", UNKNOWN)]
    done = barback(*command)
    assert done.exit_code == 3
    assert "`barback ingredients straw`" in done.stderr
    assert "/api/" not in done.stderr


def test_the_csv_has_reasons_in_terms_of_a_line(barback: Command, service: FakeService) -> None:
    service.refusals = [problem(422, "unknown-ingredient", UNKNOWN, index=0)]
    done = barback("submit", "-", "--wait", "--no-document", stdin="strawbery\nmilk\n")
    assert "`barback ingredients straw` lists names." in done.stdout
    assert "/api/" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "command", [("lines", "task-0"), ("submit", "-", "--wait", "--format", "json")]
)
def test_json_has_reasons_in_terms_of_a_line(
    barback: Command, service: FakeService, command: tuple[str, ...]
) -> None:
    service.reason = UNKNOWN
    barback("submit", "-", "--document", stdin="unknown\n")
    done = barback(*command, stdin="unknown\n")
    assert "`barback ingredients straw` lists names." in done.stdout
    assert "/api/" not in done.stdout


def test_the_reasons_of_several_kinds_are_in_terms_of_a_line() -> None:
    failure = Failure("unknown-ingredient", "GET /api/groups lists groups.")
    result = Result("t", Status.SUCCESS, parts={"next": Part(error=failure)})
    printed = to_json(result)
    assert "`barback groups` lists groups." in printed
    assert list(json.loads(printed)) == [field.name for field in fields(Result)]


@pytest.mark.parametrize("command", [*ONE_DRINK, SUBMIT])
def test_unknown_names_are_left_out_on_request(
    barback: Command, service: FakeService, command: tuple[str, ...]
) -> None:
    assert barback(*command, stdin="milk").exit_code == 0
    assert "ignore_unknown" not in service.requests[-1].url.params
    assert barback(*command, "--ignore-unknown", stdin="milk").exit_code == 0
    assert service.requests[-1].url.params["ignore_unknown"] == "true"


@pytest.mark.parametrize("command", [*ONE_DRINK, SUBMIT])
def test_each_command_that_submits_sends_metadata_and_a_webhook(
    barback: Command, service: FakeService, command: tuple[str, ...]
) -> None:
    options = ("--metadata", "order=17=b", "--metadata", "note=", "--webhook", "http://here/")
    assert barback(*command, *options, stdin="milk").exit_code == 0
    assert service.submitted()[0]["metadata"] == {"order": "17=b", "note": ""}
    assert service.requests[0].url.params["webhook"] == "http://here/"


@pytest.mark.parametrize("command", [ONE_DRINK[-1], SUBMIT])
def test_run_and_submit_send_a_key_and_a_deadline(
    barback: Command, service: FakeService, command: tuple[str, ...]
) -> None:
    options = ("--idempotency-key", "mine", "--deadline-seconds", "9", "--priority", "bulk")
    assert barback(*command, *options, stdin="milk").exit_code == 0
    assert service.requests[0].headers["Idempotency-Key"] == "mine"
    [sent] = service.submitted()
    assert (sent["deadline_seconds"], sent["priority"]) == (9, "bulk")


@pytest.mark.parametrize("command", [*ONE_DRINK, SUBMIT])
@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["order"], "'order' is no metadata"),
        (["=17"], "Write --metadata NAME=VALUE"),
        (["a=1", "a=2"], "'a' occurs twice"),
    ],
)
def test_metadata_without_a_name_or_a_value_is_refused(
    barback: Command, command: tuple[str, ...], texts: list[str], reason: str
) -> None:
    options = [part for text in texts for part in ("--metadata", text)]
    done = barback(*command, *options, stdin="milk")
    assert done.exit_code == 2
    assert reason in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(shell: str) -> None:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(SOURCE), *sys.path]),
        "_BARBACK_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "barback re",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "barback re",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run(
        [sys.executable, "-m", "barback"],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    assert {name for name in ("result", "resume", "retry", "suggest") if name in done.stdout} == {
        "result",
        "resume",
        "retry",
    }
