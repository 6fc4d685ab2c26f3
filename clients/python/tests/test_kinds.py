"""Inputs of any kind: one or many, with one kind or several."""

from __future__ import annotations

import asyncio
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from barback import (
    AsyncBarback,
    Barback,
    Drink,
    Input,
    LineResult,
    Part,
    Result,
    Retries,
    Run,
    Status,
    TaskFailed,
    TaskTimeout,
)
from clients.python.tests.fakes import FakeService

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Result]

TEA = Input("sentiment", {"text": "tea"})
BOTH = Input(["broken", "next"], {"ingredients": ["milk"]})


def client(service: FakeService) -> Barback:
    retries = Retries(random=lambda: 0.0)
    return Barback("http://bar", retries=retries, transport=service.transport)


def ask(service: FakeService, *arguments: Any, **fields: Any) -> Result:
    with client(service) as bar:
        return bar.run(*arguments, **fields)


def ask_asynchronously(service: FakeService, *arguments: Any, **fields: Any) -> Result:
    async def program() -> Result:
        async with AsyncBarback("http://bar", transport=service.transport) as bar:
            return await bar.run(*arguments, **fields)

    return asyncio.run(program())


both_clients = pytest.mark.parametrize("ask", [ask, ask_asynchronously])


@both_clients
def test_run_returns_the_output_of_any_kind(ask: Ask) -> None:
    service = FakeService()
    result = ask(service, "sentiment", text="good", priority="bulk", deadline_seconds=9, wait=7)
    assert (result.kind, result.output, result.parts) == ("sentiment", {"length": 4}, {})
    assert service.submitted() == [
        {"kind": "sentiment", "text": "good", "priority": "bulk", "deadline_seconds": 9}
    ]
    assert service.requests[0].headers["Prefer"] == "wait=7"


@both_clients
def test_run_returns_a_part_for_each_of_several_kinds(ask: Ask) -> None:
    service = FakeService()
    kinds = ["next", "sentiment", "broken"]
    result = ask(service, kinds, ingredients=["milk"], text="good")
    assert result.kind == ("next", "sentiment", "broken")
    assert result.parts["next"] == Part("milkmilk")
    assert result.parts["sentiment"] == Part(output={"length": 4})
    failure = result.parts["broken"].error
    assert failure is not None
    assert failure.detail == "The model crashed."
    assert service.submitted()[0]["kind"] == kinds


@both_clients
def test_run_raises_the_error_of_a_task(ask: Ask) -> None:
    with pytest.raises(TaskFailed, match="Every worker was lost"):
        ask(FakeService(), "next", ingredients=["fails"])


@both_clients
def test_run_waits_no_longer_than_it_is_told(ask: Ask) -> None:
    with pytest.raises(TaskTimeout):
        ask(FakeService(), "next", ingredients=["hangs"], wait=0.01)


@pytest.mark.parametrize("as_document", [True, False])
def test_many_inputs_are_answered_with_drinks(*, as_document: bool) -> None:
    """Each has its kind; one part of several may fail."""
    run = Run([TEA, BOTH, Drink(["milk"])], as_document=as_document)
    with client(FakeService()) as bar:
        tea, both, milk = bar.answer(run, wait=5)
    assert (tea.kind, tea.output) == ("sentiment", {"length": 3})
    assert (both.status, both.kind) == (Status.SUCCESS, ("broken", "next"))
    assert (both.parts["next"].result, both.parts["broken"].error is None) == ("milkmilk", False)
    assert milk.result == "milkmilk"


def test_a_line_without_any_answer_is_a_failure() -> None:
    """A task of several kinds fails like this, too."""
    with client(FakeService()) as bar:
        [result] = bar.answer([Input(["broken"], {"ingredients": []})], wait=5)
    assert (result.status, result.error) == (Status.FAIL, result.parts["broken"].error)
    assert result.error is not None


def test_inputs_are_submitted_without_waiting() -> None:
    service = FakeService()
    with client(service) as bar:
        assert [task.task_id for task in bar.submit([TEA, Drink(["milk"])])] == ["task-0", "task-1"]
        [task] = bar.submit(TEA)
        assert bar.result(task).output == {"length": 3}
    assert service.submitted()[0] == {"kind": "sentiment", "text": "tea"}


def test_a_run_with_inputs_can_be_resumed(tmp_path: Path) -> None:
    """The resume file keeps which are drinks, and the results that are known."""
    path = tmp_path / "run.resume"
    inputs = (TEA, BOTH, Drink(["milk"], ["next", "complete"]), Input("next", {"exclude": None}))
    run = Run(inputs, as_document=False)
    run.save_to(path)
    with client(FakeService()) as bar:
        results = bar.answer(run, wait=5)
    resumed = Run.resume(path)
    assert resumed.drinks == inputs
    assert resumed.all_results == results


def test_the_defaults_of_a_document_can_be_of_any_kind() -> None:
    service = FakeService()
    with client(service) as bar:
        bar.submit_document(b'{"text": "tea"}', defaults=Input("sentiment", {"language": "en"}))
    document = json.loads(service.requests[-1].content)
    assert (document["kind"], document["language"]) == ("sentiment", "en")


def test_a_line_has_an_output_or_parts() -> None:
    part = {"result": "мед", "suggestions": [{"ingredient": "мед", "probability": 0.5}]}
    line = LineResult.from_json({"line": 1, "parts": {"next": part, "sentiment": {"output": {}}}})
    assert line.parts["next"].suggestions[0].probability == 0.5
    assert line.parts["sentiment"].output == {}
    assert LineResult.from_json({"line": 2, "output": {"length": 1}}).output == {"length": 1}


def test_an_input_does_not_change_with_the_values_that_it_was_made_from() -> None:
    exclude, kinds = ["nuts"], ["next"]
    found = Input(kinds, {"exclude": exclude})
    exclude.clear()
    kinds.clear()
    assert found.to_json() == {"kind": ["next"], "exclude": ["nuts"]}


@pytest.mark.parametrize(
    "value", [{1}, b"milk", math.nan, math.inf, Path(), "\ud800", [{"a": {2}}]], ids=repr
)
def test_a_field_is_json(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^The field text is not JSON \("):
        Input("sentiment", {"text": value})


def test_a_field_that_contains_itself_is_not_json() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(ValueError, match="is not JSON"):
        Input("sentiment", {"text": value})


@pytest.mark.parametrize("name", ["kind", "priority", "deadline_seconds", 5])
def test_the_kind_and_the_priority_are_no_fields(name: Any) -> None:
    with pytest.raises(ValueError, match=f"An input has no field {name!r}"):
        Input("sentiment", {name: "bulk"})


@pytest.mark.parametrize("make", [Input, lambda kind: Drink(kind=kind)], ids=["input", "drink"])
@pytest.mark.parametrize("kind", [5, b"next", {"next": 1}, [5], [["next"]]])
def test_a_kind_is_a_string_or_a_list_of_strings(make: Callable[[Any], Any], kind: Any) -> None:
    with pytest.raises(TypeError, match="Give kind as a string, or as a list"):
        make(kind)


def test_an_input_gets_the_defaults_that_it_lacks() -> None:
    defaults = Drink(kind="next", top_k=3, only=["ice"], priority="bulk")
    found = Input("complete", {"ingredients": ["milk"], "only": None, "top_k": 1})
    assert found.with_defaults(defaults).to_json() == {
        "kind": "complete",
        "ingredients": ["milk"],
        "only": ["ice"],
        "top_k": 1,
        "priority": "bulk",
    }


def test_an_input_gets_no_ingredients() -> None:
    """A kind may have no such field."""
    assert TEA.with_defaults(Drink()) == TEA


@pytest.mark.parametrize("own", [{}, {"exclude": None}, {"exclude": []}, {"exclude": ["soy"]}])
def test_the_exclusions_of_an_input_and_of_its_defaults_add_up(own: dict[str, Any]) -> None:
    """They may be allergies."""
    found = Input("next", own).with_defaults(Drink(exclude=["nuts"])).to_json()
    assert found["exclude"] == ["nuts", *(own.get("exclude") or [])]


def test_exclusions_that_cannot_be_added_are_refused() -> None:
    with pytest.raises(ValueError, match="Give exclude as a list of names"):
        Input("next", {"exclude": "soy"}).with_defaults(Drink(exclude=["nuts"]))


def test_a_receipt_names_the_kinds() -> None:
    """A service of an earlier version names none."""
    numbers = {
        "batch_size": 1,
        "engine": "litert",
        "gb_seconds": 0.1,
        "aws_calls": 6.0,
        "usd": 1e-5,
    }
    body = {"task_id": "t", "status": "SUCCESS", "receipt": {**numbers, "prices": "2026-11"}}
    older = Result.from_json(body)
    body["receipt"] = {**numbers, "prices": "2026-11", "kinds": ["next", "extract"]}
    newer = Result.from_json(body)
    assert older.receipt is not None
    assert newer.receipt is not None
    assert (older.receipt.kinds, newer.receipt.kinds) == ((), ("next", "extract"))
