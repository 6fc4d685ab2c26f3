"""The types and methods of the Python client against the description of the API."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import barback
import pytest
from barback._drink import CompleteOptions, SuggestOptions

from tests.unit.functions.conftest import Api

DESCRIPTION: Final[dict[str, Any]] = Api().http.get("/openapi.json").json()
SCHEMAS: Final = DESCRIPTION["components"]["schemas"]
# The names that annotations use, but that their modules import for type checkers only.
NAMES: Final = {"Mapping": Mapping, "Sequence": Sequence, "JsonObject": dict[str, Any]}

# The types of the client, and the schemas that have their fields.
RESPONSES: Final = {
    barback.Task: ["TaskStatus"],
    barback.Result: ["TaskResult", "UnfinishedTask"],
    barback.Batch: ["BatchResult"],
    barback.CancelledBatch: ["CancelledBatch"],
    barback.ListedTask: ["ListedTask"],
    barback.Delivery: ["DeliveryView"],
    barback.Attempt: ["AttemptView"],
    barback.Suggestion: ["TaskOutput.SuggestionView"],
    barback.Part: ["TaskOutput.Suggestions", "FailedPart"],
    barback.Failure: ["ErrorView"],
    barback.Timings: ["Timings"],
    barback.Receipt: ["Receipt"],
    barback.DocumentResults: ["DocumentResult"],
    barback.DocumentProgress: ["ProgressView"],
    barback.Ingredient: ["IngredientView"],
    barback.Look: ["LookView"],
    barback.Group: ["GroupView"],
    barback.QueueLoad: ["BacklogView"],
}
REQUESTS: Final = {barback.Drink: ["NextInput", "CompleteInput"]}
TYPES: Final = RESPONSES | REQUESTS

# The fields of a type that its schema has, but that the client leaves out.
WITHOUT: Final[dict[type, set[str]]] = {
    barback.Task: {"result"},
    barback.ListedTask: {"url_result"},
}
# Fields that come from a header, or that the schema has no name for.
EXTRA: Final[dict[type, set[str]]] = {barback.Part: {"output"}, barback.Task: {"batch_id"}}
# The client replaces null.
NEVER_NULL: Final = {"parts"}

# The client uses these itself, does not offer them, or has them as JSON objects.
OTHERS: Final = {
    "Submitted",
    "TaskPage",
    "BatchStatus",
    "ResultLink",
    "SecretsView",
    "DeliveryState",
    "SubmittedResult",
    "DocumentView",
    "Upload",
    "NewDocument",
    "Health",
    "Problem",
    "Status",
    "Lane",
}
# The methods that offer each operation.
METHODS: Final = {
    "submit_tasks": ["suggest", "complete", "run", "submit", "submit_document"],
    "get_status": ["status"],
    "get_result": ["result"],
    "cancel_task": ["cancel"],
    "retry_task": ["retry"],
    "get_batch": ["batch"],
    "cancel_batch": ["cancel_batch"],
    "list_tasks": ["tasks"],
    "list_secrets": ["webhook_secrets"],
    "rotate_secret": ["rotate_webhook_secret"],
    "list_deliveries": ["deliveries"],
    "redeliver_task": ["redeliver"],
    "create_document": ["submit_document"],
    "get_queues": ["queue"],
    "list_ingredients": ["ingredients"],
    "list_groups": ["groups"],
    "get_health": [],  # for operators
}
# The names of parameters that have others here.
OPTIONS: Final = {
    "prefer": "wait",
    "idempotency-key": "idempotency_key",
    "q": "part",
    "task_id": "task",
    "batch_id": "batch",
}
# The client sets the language and the cursor itself, and sends ingredients in the body.
NO_OPTIONS: Final = {"accept-language", "traceparent", "cursor", "ingredients_joined"}
# Documents cannot ignore unknown names, and the client does not wait for them.
WITHOUT_OPTIONS: Final = {"submit_document": {"ignore_unknown", "wait"}}

# An `Input` has the fields of any kind, and JSON objects have the answers.
ANY_KIND: Final = re.compile(r"\w+(Input|Document|Lines)|SeveralKinds|TaskOutput\.\w+")


def properties_of(cls: type) -> dict[str, list[Any]]:
    """Return the schemas of each field; two kinds of input may describe one differently."""
    found: dict[str, list[Any]] = {}
    for name in TYPES[cls]:
        for field, schema in SCHEMAS[name]["properties"].items():
            found.setdefault(field, []).append(schema)
    return {name: each for name, each in found.items() if name not in WITHOUT.get(cls, ())}


def json_types(schema: Any) -> set[str]:
    """Return the names of the JSON types of a schema; an array's with the types of its items."""
    if "$ref" in schema:
        return json_types(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return set().union(*map(json_types, schema["anyOf"]))
    if schema["type"] == "array":
        return {f"array of {name}" for name in json_types(schema["items"])}
    return {schema["type"]}


def accepted_types(schemas: list[Any]) -> set[str]:
    """Return the types of values that fit one of these schemas."""
    found = set().union(*map(json_types, schemas))
    return found | {"integer"} if "number" in found else found


def python_types(annotation: Any) -> set[str]:
    """Return the names of the JSON types that a value of a Python type is read from."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return set().union(*map(python_types, arguments))
    if origin is Literal:
        return set().union(*(python_types(type(value)) for value in arguments))
    if origin in (tuple, Sequence):
        return {f"array of {name}" for name in python_types(arguments[0])}
    if origin in (dict, Mapping) or is_dataclass(annotation):
        return {"object"}
    names = {bool: "boolean", int: "integer", str: "string", NoneType: "null"}
    if annotation is float:
        return {"integer", "number"}
    is_text = issubclass(annotation, StrEnum | datetime)
    return {"string" if is_text else names[annotation]}


def own_fields(cls: type) -> set[str]:
    extra = [names for base, names in EXTRA.items() if issubclass(cls, base)]
    return {field.name for field in fields(cls)}.difference(*extra)


def hints_of(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, localns=NAMES)


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.__name__)
def test_a_type_has_the_fields_of_the_service(cls: type) -> None:
    assert own_fields(cls) == properties_of(cls).keys()


@pytest.mark.parametrize("cls", RESPONSES, ids=lambda cls: cls.__name__)
def test_a_field_of_a_response_holds_what_the_service_returns(cls: type) -> None:
    hints = hints_of(cls)
    for name, schemas in properties_of(cls).items():
        returned = set().union(*map(json_types, schemas))
        if name in NEVER_NULL:
            returned.discard("null")
        assert returned <= python_types(hints[name]), name


@pytest.mark.parametrize("cls", REQUESTS, ids=lambda cls: cls.__name__)
def test_the_service_accepts_what_a_field_of_an_input_holds(cls: type) -> None:
    """`None` is not sent. A kind and several kinds are described separately."""
    hints = hints_of(cls)
    for name, schemas in properties_of(cls).items():
        accepted = accepted_types(schemas)
        if name == "kind":
            accepted |= json_types(SCHEMAS["SeveralKinds"]["properties"]["kind"])
        assert python_types(hints[name]) - {"null"} <= accepted, name


def test_an_error_has_members_of_a_problem() -> None:
    problem = SCHEMAS["Problem"]["properties"]
    for name, expected in {"type": "string", "detail": "string", "index": "integer"}.items():
        assert json_types(problem[name]) == {expected}
        value = {"string": "text", "integer": 5}[expected]
        assert getattr(barback.ApiError(422, {name: value}), name) == value


def test_every_schema_of_the_service_is_compared_or_is_none_of_the_clients_types() -> None:
    compared = {name for names in TYPES.values() for name in names}
    others = {name for name in SCHEMAS if not ANY_KIND.fullmatch(name)} - compared
    assert others <= OTHERS


def test_every_operation_is_offered() -> None:
    operations = [each for path in DESCRIPTION["paths"].values() for each in path.values()]
    assert {operation["operationId"] for operation in operations} == METHODS.keys()


@pytest.mark.parametrize(
    ("operation", "method"), [(name, each) for name, all_ in METHODS.items() for each in all_]
)
def test_a_method_has_an_option_for_each_parameter_of_its_operation(
    operation: str, method: str
) -> None:
    """`AsyncBarback` has the same methods, and so has the JavaScript client; other tests say so."""
    [found] = [
        each
        for path in DESCRIPTION["paths"].values()
        for each in path.values()
        if each["operationId"] == operation
    ]
    names = {parameter["name"] for parameter in found.get("parameters", [])} - NO_OPTIONS
    expected = {OPTIONS.get(name, name) for name in names} - WITHOUT_OPTIONS.get(method, set())
    assert expected <= inspect.signature(getattr(barback.Barback, method)).parameters.keys()


@pytest.mark.parametrize(
    ("options", "schema"), [(SuggestOptions, "NextInput"), (CompleteOptions, "CompleteInput")]
)
def test_a_method_takes_the_fields_of_its_kind(options: type, schema: str) -> None:
    """The service accepts what each of them holds."""
    hints = get_type_hints(options, localns=NAMES)
    properties = SCHEMAS[schema]["properties"]
    assert hints.keys() == properties.keys() - {"kind", "ingredients"}
    for name, hint in hints.items():
        assert python_types(hint) - {"null"} <= accepted_types([properties[name]]), name
