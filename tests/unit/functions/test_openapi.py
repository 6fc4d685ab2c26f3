"""The description of operations and results in OpenAPI; requests have tests of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

import jsonschema_rs
import pytest

from functions.api.openapi import TAGS
from functions.api.schemas.answers import describe_answers
from pipelines.registry import Registry
from suggester.kinds import load_registry
from tests.sentiment import PIPELINE as SENTIMENT
from tests.unit.functions.conftest import Api

REGISTRY: Final = load_registry({"PIPELINES": "tests.sentiment"})
DESCRIPTION: Final = Api(pipelines="tests.sentiment").http.get("/openapi.json").json()
SCHEMAS: Final[dict[str, Any]] = DESCRIPTION["components"]["schemas"]
OPERATIONS: Final[list[dict[str, Any]]] = [
    operation for methods in DESCRIPTION["paths"].values() for operation in methods.values()
]
UNDERSTOOD: Final[dict[str, Any]] = {"ingredients": [], "excluded": [], "not_understood": []}
# An answer of each kind, as callers get it.
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "next": {"result": "milk", "suggestions": [{"ingredient": "milk", "probability": 1.0}]},
    "complete": {"result": "", "suggestions": [], "understood": UNDERSTOOD},
    "extract": {"output": UNDERSTOOD},
    "categorize": {"output": {"categories": [{"category": "Tea", "probability": 0.5}]}},
    "similar": {
        "output": {"drinks": [{"names": [], "similarity": 1.0, "missing": [], "extra": ["milk"]}]}
    },
    "substitute": {"output": {"suggestions": []}},
    "sentiment": {"output": {"score": 1.0, "model": "m", "error": None, "parts": []}},
}
RESULT: Final[dict[str, Any]] = {"task_id": "a", "status": "SUCCESS", "result": ""}


def is_result(members: dict[str, Any]) -> bool:
    schema = {"$ref": "#/components/schemas/TaskResult", "components": DESCRIPTION["components"]}
    return jsonschema_rs.is_valid(schema, RESULT | members)


def test_operations_have_different_names() -> None:
    """Generated clients make them the names of methods."""
    names = [operation["operationId"] for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z]+(_[a-z]+)+", name) for name in names)


def test_links_name_operations() -> None:
    links = DESCRIPTION["paths"]["/api/process"]["post"]["responses"]["202"]["links"]
    names = {operation["operationId"] for operation in OPERATIONS}
    assert {link["operationId"] for link in links.values()} <= names


def test_every_parameter_has_a_description() -> None:
    undescribed = [
        (operation["operationId"], parameter["name"])
        for operation in OPERATIONS
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert undescribed == []


@pytest.mark.parametrize(
    ("operation", "status", "schema"),
    [
        ("submit_tasks", "200", ["SubmittedResult"]),
        ("submit_tasks", "202", ["Submitted"]),
        ("get_result", "200", ["TaskResult"]),
        ("get_result", "202", ["UnfinishedTask"]),
        ("get_batch", "200", ["BatchResult"]),
        ("get_batch", "202", ["BatchResult"]),
    ],
)
def test_each_status_has_the_schema_of_its_response(
    operation: str, status: str, schema: list[str]
) -> None:
    [found] = [each for each in OPERATIONS if each["operationId"] == operation]
    content = found["responses"][status]["content"]["application/json"]["schema"]
    assert re.findall("#/components/schemas/([A-Za-z]+)", str(content)) == schema


def test_a_problem_is_described_by_its_status() -> None:
    responses = DESCRIPTION["paths"]["/api/task/{task_id}"]["delete"]["responses"]
    assert responses["409"]["description"] == "Conflict: a problem (RFC 9457)"
    assert responses["503"]["description"] == "Service Unavailable: a problem (RFC 9457)"


def test_each_operation_is_in_one_group_with_a_description() -> None:
    groups = [operation["tags"] for operation in OPERATIONS]
    assert {group for [group] in groups} == {tag["name"] for tag in TAGS}
    assert DESCRIPTION["tags"] == TAGS


@pytest.mark.parametrize("kind", REGISTRY.kinds)
def test_the_answer_of_each_kind_is_described(kind: str) -> None:
    assert is_result({"kind": kind, **ANSWERS[kind]})
    assert is_result({"kind": [kind, "next"], "parts": {kind: ANSWERS[kind]}})


@pytest.mark.parametrize("kind", REGISTRY.kinds)
def test_another_answer_is_not_that_of_the_kind(kind: str) -> None:
    """A field that the type lacks, a part that has the answer of another kind, and an error."""
    own = ANSWERS[kind].get("output", ANSWERS[kind])
    spoilt = {**own, "colour": 1}
    other = ANSWERS["similar" if kind != "similar" else "next"]
    parts = [{"output": spoilt}, spoilt, {}, {"error": 1}, other]
    assert not any(is_result({"parts": {kind: part}}) for part in parts)
    assert not is_result({"output": spoilt})


def test_a_part_may_be_an_error() -> None:
    error = {"type": "prediction-failed", "detail": "No.", "retryable": False}
    assert all(is_result({"parts": {kind: {"error": error}}}) for kind in REGISTRY.kinds)


@dataclass(frozen=True)
class SuggestionView:
    """It has the name of a type of another package."""

    colour: str


@dataclass(frozen=True)
class Colours:
    colours: list[SuggestionView]


def test_types_of_different_packages_may_have_one_name() -> None:
    colours = replace(SENTIMENT, kind="colours", output=Colours)
    registry = Registry([REGISTRY["next"], colours])
    result: dict[str, Any] = {
        "properties": {"output": {}, "parts": {}, "suggestions": {}, "understood": {}}
    }
    schemas: dict[str, Any] = {"TaskResult": result, "SubmittedResult": result, "ErrorView": {}}
    describe_answers(schemas, registry)
    schema = {"$ref": "#/components/schemas/TaskResult", "components": {"schemas": schemas}}
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid({"output": {"colours": [{"colour": "red"}]}})
    assert not validator.is_valid({"output": {"colours": [{"ingredient": "a", "probability": 1}]}})
    assert validator.is_valid({"suggestions": [{"ingredient": "a", "probability": 1}]})
