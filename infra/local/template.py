"""Reads template.yaml, including CloudFormation's short forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # seven times as fast: `make run` waits for it
except ImportError:  # PyYAML may be installed without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

TEMPLATE: Final = Path(__file__).parents[2] / "template.yaml"

JsonObject = dict[str, Any]


class _Loader(SafeLoader):
    """YAML with CloudFormation's tags: `!Ref X` becomes {"Ref": X}."""


def _short_form(loader: SafeLoader, name: str, node: yaml.Node) -> JsonObject:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _short_form)


def read_template(path: Path = TEMPLATE) -> JsonObject:
    """Return the template with every short form expanded."""
    # The loader is a SafeLoader, which the linter cannot see.
    template: JsonObject = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506
    return template


def resources_of(template: JsonObject, kind: str) -> dict[str, JsonObject]:
    """Return the resources of a type by logical id."""
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def first_choice(value: Any) -> Any:
    """Return the value of an `Fn::If` if its condition holds, and any other value itself."""
    return value["Fn::If"][1] if isinstance(value, dict) and "Fn::If" in value else value


def functions_of(template: JsonObject) -> dict[str, JsonObject]:
    """Return the functions that every deployment has, by logical id."""
    functions = resources_of(template, "AWS::Serverless::Function")
    return {name: found for name, found in functions.items() if "Condition" not in found}


def environment_of(template: JsonObject, function: str) -> JsonObject:
    """Return the unresolved environment variables of a function, including the global ones."""
    scopes = (
        template["Globals"]["Function"],
        template["Resources"][function]["Properties"],
    )
    merged: JsonObject = {}
    for scope in scopes:
        merged |= scope.get("Environment", {}).get("Variables", {})
    return merged


def handler_of(properties: JsonObject) -> str:
    """Return the handler of a function as `module.name`, for zip files and images."""
    handler: str = properties.get("Handler") or properties["ImageConfig"]["Command"][0]
    return handler


def queue_events(properties: JsonObject) -> list[tuple[str, JsonObject]]:
    """Return the names and properties of a function's events that are queues."""
    return [
        (name, event["Properties"])
        for name, event in properties.get("Events", {}).items()
        if event["Type"] == "SQS"
    ]
