"""`barback mcp`: the client's calls as tools of the Model Context Protocol."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from barback import AsyncBarback, Drink, Retries
from clients.python.tests.fakes import FakeService, problem
from clients.python.tests.test_structure import SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from mcp import Client
    from mcp.types import CallToolResult, Tool

    from clients.python.tests.conftest import Command

SUGGESTING = {"suggest", "complete", "substitute", "submit_file"}
TOOLS = SUGGESTING | {"extract", "follow", "ingredients", "groups"}


def with_client(service: FakeService, use: Callable[[Client], Coroutine[Any, Any, Any]]) -> Any:
    """Connect a client of the mcp package to the server, in memory."""
    from mcp import Client  # noqa: PLC0415 - takes a second

    from barback._cli.mcp_server import create_server  # noqa: PLC0415

    async def run() -> Any:
        retries = Retries(random=lambda: 0.0)
        bar = AsyncBarback("http://bar", retries=retries, transport=service.transport)
        async with bar, Client(create_server(bar)) as client:
            return await use(client)

    return asyncio.run(run())


def call(service: FakeService, name: str, **arguments: Any) -> CallToolResult:
    result: CallToolResult = with_client(service, lambda client: client.call_tool(name, arguments))
    return result


def answer(service: FakeService, name: str, **arguments: Any) -> Any:
    result = call(service, name, **arguments)
    assert not result.is_error, result.content
    return result.structured_content


def error(service: FakeService, name: str, **arguments: Any) -> str:
    result = call(service, name, **arguments)
    assert result.is_error
    [content] = result.content
    assert content.type == "text"
    return content.text


def tools_of(service: FakeService) -> dict[str, Tool]:
    listed = with_client(service, lambda client: client.list_tools())
    return {tool.name: tool for tool in listed.tools}


def test_each_tool_has_a_description_and_described_parameters(service: FakeService) -> None:
    tools = tools_of(service)
    assert tools.keys() == TOOLS
    for tool in tools.values():
        assert tool.description
        assert "\n " not in tool.description, "the indentation of the source"
        assert all(each.get("description") for each in tool.input_schema["properties"].values())


def test_only_the_tool_that_sends_a_file_needs_the_user_s_consent(service: FakeService) -> None:
    """Agents may call the others without asking."""
    hints = {name: tool.annotations for name, tool in tools_of(service).items()}
    asking = {name for name, found in hints.items() if not (found and found.read_only_hint)}
    assert asking == {"submit_file"}


def test_parameters_that_a_drink_has_are_described_as_in_the_client(service: FakeService) -> None:
    documented = " ".join((Drink.__doc__ or "").split())
    names = {field.name for field in dataclasses.fields(Drink)} - {"text"}
    described = [
        (name, schema["description"])
        for tool in tools_of(service).values()
        for name, schema in tool.input_schema["properties"].items()
        if name in names and tool.name in SUGGESTING
    ]
    assert {name for name, _ in described} >= {"ingredients", "exclude", "only", "top_k", "length"}
    assert [each for each in described if f"{each[0]}: {each[1]}" not in documented] == []


def test_suggest_returns_names_and_probabilities(service: FakeService) -> None:
    found = answer(
        service, "suggest", ingredients=["milk"], only=["ice"], top_k=3, novelty=0.5, wait=7
    )
    suggestions = [{"ingredient": "milkmilk", "probability": 0.25}]
    assert found == {"result": "milkmilk", "suggestions": suggestions}
    assert service.submitted() == [
        {"ingredients": ["milk"], "only": ["ice"], "top_k": 3, "novelty": 0.5}
    ]
    assert service.requests[0].headers["Prefer"] == "wait=7"


def test_complete_asks_for_the_rest_of_a_drink(service: FakeService) -> None:
    assert answer(service, "complete", ingredients=["milk"], length=2)["result"] == "milkmilk"
    assert service.submitted() == [{"ingredients": ["milk"], "kind": "complete", "length": 2}]


def test_substitute_asks_for_what_replaces_an_ingredient(service: FakeService) -> None:
    arguments = {"ingredients": ["milk", "tea"], "ingredient": "milk", "top_k": 3}
    answer(service, "substitute", **arguments)
    assert service.submitted() == [{"kind": "substitute", **arguments}]


def test_extract_returns_the_output(service: FakeService) -> None:
    service.outputs["extract"] = {"ingredients": [], "excluded": ["nuts"]}
    found = answer(service, "extract", text="no nuts")
    assert found == {"ingredients": [], "excluded": ["nuts"]}
    assert service.submitted() == [{"kind": "extract", "text": "no nuts"}]


def test_every_tool_that_suggests_has_exclude(service: FakeService) -> None:
    tools = tools_of(service)
    with_exclude = {n for n, tool in tools.items() if "exclude" in tool.input_schema["properties"]}
    assert with_exclude == SUGGESTING


@pytest.mark.parametrize("name", sorted(SUGGESTING))
def test_exclusions_reach_the_service(service: FakeService, name: str, tmp_path: Path) -> None:
    arguments = arguments_of(name, tmp_path)
    answer(service, name, **arguments, exclude=["nuts", "group:dairy"])
    assert [each["exclude"] for each in submitted_by(name, service)] == [["nuts", "group:dairy"]]


@pytest.mark.parametrize("name", sorted(SUGGESTING))
@pytest.mark.parametrize("wrong", [{"excluded": ["nuts"]}, {"exclude": "nuts"}, {"exclude": [5]}])
def test_a_wrong_argument_is_refused_because_it_may_be_an_allergy(
    service: FakeService, name: str, wrong: dict[str, Any], tmp_path: Path
) -> None:
    assert next(iter(wrong)) in error(service, name, **arguments_of(name, tmp_path), **wrong)
    assert service.requests == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            {"part": "a", "limits": 3},
            "limits: there is no such argument; the arguments are part, limit.",
        ),
        ({}, "part: Field required."),
        ({"part": 5}, "part: Input should be a valid string."),
        (
            {"part": "a", "limit": 0},
            "limit: Input should be greater than or equal to 1.",
        ),
    ],
    ids=str,
)
def test_wrong_arguments_are_named_in_sentences(
    service: FakeService, arguments: dict[str, Any], reason: str
) -> None:
    """Without the input, and without a link to the documentation of a library."""
    told = error(service, "ingredients", **arguments)
    assert told == f"Error executing tool ingredients: {reason}"


def arguments_of(name: str, folder: Path) -> dict[str, Any]:
    if name == "submit_file":
        path = folder / "drinks.csv"
        path.write_text("milk\n")
        return {"path": str(path)}
    one = {"ingredient": "milk"} if name == "substitute" else {}
    return {"ingredients": ["milk"], **one}


def submitted_by(name: str, service: FakeService) -> list[dict[str, Any]]:
    return service.lines if name == "submit_file" else service.submitted()


def test_an_error_of_the_service_is_an_error_of_the_tool(service: FakeService) -> None:
    """Its sentence names tools and parameters."""
    sentence = "'lemmon' is not known. GET /api/ingredients?q= lists names."
    service.refusals = [problem(422, "unknown-ingredient", sentence)]
    told = error(service, "suggest", ingredients=["lemmon"])
    assert told.endswith("'lemmon' is not known. The tool `ingredients` lists names.")
    service.refusals = [problem(422, "invalid", "body[0].top_k: must be 1 to 20.")]
    told = error(service, "suggest", ingredients=["milk"], top_k=99)
    assert told.endswith("suggest: top_k: must be 1 to 20.")


@pytest.mark.parametrize(
    ("ingredient", "wait", "reason"),
    [("fails", 5, "Task task-0 failed. Every worker was lost."), ("hangs", 0, "is not finished")],
)
def test_a_task_without_an_answer_is_an_error_of_the_tool(
    service: FakeService, ingredient: str, wait: int, reason: str
) -> None:
    assert reason in error(service, "suggest", ingredients=[ingredient], wait=wait)


def test_an_invalid_value_is_refused_with_the_clients_sentence(service: FakeService) -> None:
    told = error(service, "suggest", ingredients=["milk"], novelty=2)
    assert told.endswith("Give novelty as a number from 0 to 1.")


def test_a_file_is_submitted_and_followed(service: FakeService, tmp_path: Path) -> None:
    """Lines have the numbers that they have in the file."""
    path = tmp_path / "drinks.csv"
    path.write_text('milk;tea\n\n{"ingredients": ["unknown"], "exclude": ["soy"]}\n')
    task = answer(service, "submit_file", path=str(path), exclude=["nuts"], top_k=2)
    assert task == {"task_id": "task-0", "status": "SUCCESS"}
    assert service.document == (
        b'{"ingredients": ["milk", "tea"], "top_k": 2, "exclude": ["nuts"]}\n\n'
        b'{"ingredients": ["unknown"], "top_k": 2, "exclude": ["nuts", "soy"]}'
    )
    service.reason = "Not known. GET /api/groups lists groups."
    found = answer(service, "follow", task_id="task-0")
    assert (found["status"], found["failed"]) == ("SUCCESS", 1)
    first, third = found["lines"]
    assert first == {"line": 1, "answer": {"result": "milkmilk", "suggestions": []}}
    assert third["line"] == 3
    assert third["answer"]["error"]["detail"] == "Not known. The tool `groups` lists groups."


def test_the_answers_of_a_long_file_come_in_pages(service: FakeService, tmp_path: Path) -> None:
    path = tmp_path / "drinks.csv"
    path.write_text("milk\ntea\nice\n")
    answer(service, "submit_file", path=str(path))
    first = answer(service, "follow", task_id="task-0", limit=2)
    assert ([line["line"] for line in first["lines"]], first["next_line"]) == ([1, 2], 3)
    rest = answer(service, "follow", task_id="task-0", limit=2, first_line=first["next_line"])
    assert ([line["line"] for line in rest["lines"]], "next_line" in rest) == ([3], False)


def test_an_unfinished_file_has_its_progress(service: FakeService, tmp_path: Path) -> None:
    path = tmp_path / "drinks.csv"
    path.write_text("milk\n")
    answer(service, "submit_file", path=str(path))
    service.progress = [{"fraction": 0.5, "lines": 1, "answered": 0, "failed": 0}]
    found = answer(service, "follow", task_id="task-0", wait=0)
    assert (found["status"], found["progress"]["fraction"]) == ("PROCESSING", 0.5)


def test_a_task_that_was_not_finished_in_time_is_followed(service: FakeService) -> None:
    error(service, "suggest", ingredients=["hangs"], wait=0)
    service.tasks[0] |= {"status": "SUCCESS", "result": "sugar"}
    found = answer(service, "follow", task_id="task-0")
    assert found["answer"] == {"result": "sugar", "suggestions": []}


def test_an_unknown_task_is_an_error_of_the_tool(service: FakeService) -> None:
    assert error(service, "follow", task_id="none").endswith("No task of yours has this id.")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "none.csv: No such file or directory."),
        ('{"ingredients": ["milk"],\n"exclude": ["nuts"]}', "line 1: the JSON is not valid"),
        ("", "has no drinks"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_and_not_submitted(
    service: FakeService, tmp_path: Path, content: str | None, reason: str
) -> None:
    path = tmp_path / "none.csv"
    if content is not None:
        path.write_text(content)
    assert reason in error(service, "submit_file", path=str(path))
    assert service.requests == []


def test_the_path_of_standard_input_is_a_file_like_any_other(service: FakeService) -> None:
    """Standard input has the messages of the agent."""
    assert "No such file" in error(service, "submit_file", path="-")


def test_names_and_groups_are_listed(service: FakeService) -> None:
    assert answer(service, "ingredients", part="lem") == {"result": ["lemon"]}
    assert answer(service, "groups") == {"result": ["group:dairy"]}


def test_the_command_serves_the_tools_on_standard_input_and_output() -> None:
    from mcp import Client  # noqa: PLC0415
    from mcp.client.stdio import StdioServerParameters  # noqa: PLC0415

    async def run() -> set[str]:
        environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
        arguments = ["-m", "barback", "--url", "http://127.0.0.1:1", "mcp"]
        command = StdioServerParameters(command=sys.executable, args=arguments, env=environment)
        async with Client(command) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert asyncio.run(run()) == TOOLS


def test_without_the_package_one_sentence_says_how_to_install_it(
    barback: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in sys.modules if each.startswith("barback._cli.mcp_")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    done = barback("mcp")
    assert done.exit_code == 2
    assert "needs the package mcp. Install it: pip install 'barback[mcp]'" in done.stderr
