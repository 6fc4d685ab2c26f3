"""The description of an input of several kinds: each field belongs to one of them, or to more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.registry import MAX_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class KindFields:
    """The fields of a kind: their JSON schemas, and which of them are required."""

    kind: str
    schemas: Mapping[str, dict[str, Any]]
    required: Sequence[str]


def several_kinds(
    kinds: Sequence[KindFields], others: Mapping[str, dict[str, Any]], required: Sequence[str]
) -> dict[str, Any]:
    """Return the JSON schema of an input of several kinds.

    Args:
        kinds: the fields of all kinds.
        others: the schemas of the fields that do not depend on the kinds.
        required: those of them that are required.
    """
    names = list(dict.fromkeys(name for each in kinds for name in each.schemas))
    owners = {name: [each for each in kinds if name in each.schemas] for name in names}
    differing = {name for name in names if len({_form(k.schemas[name]) for k in owners[name]}) > 1}
    described = {
        name: {"description": owners[name][0].schemas[name].get("description", "")}
        if name in differing
        else owners[name][0].schemas[name]
        for name in names
    }
    return {
        "type": "object",
        "properties": {"kind": _kinds(kinds), **described, **others},
        "required": ["kind", *required],
        "additionalProperties": False,
        "allOf": [
            {"if": {"required": [name]}, "then": _with_one_of(found)}
            for name, found in owners.items()
            if len(found) < len(kinds)
        ]
        + [rule for each in kinds for rule in _rules(each, differing)],
    }


def _form(schema: dict[str, Any]) -> str:
    """Return what a schema says about values, for comparisons."""
    texts = ("title", "description", "default")
    return repr(sorted((name, each) for name, each in schema.items() if name not in texts))


def _kinds(kinds: Sequence[KindFields]) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_KINDS,
        "uniqueItems": True,
        "items": {"type": "string", "enum": [each.kind for each in kinds]},
        "description": "The result has a part for each kind; each field must belong to one.",
    }


def _with_one_of(kinds: Sequence[KindFields]) -> dict[str, Any]:
    return {"properties": {"kind": {"contains": {"enum": [each.kind for each in kinds]}}}}


def _rules(kind: KindFields, differing: set[str]) -> list[dict[str, Any]]:
    """Return what one kind requires, beyond the schemas that all its fields' owners share."""
    schemas = {name: schema for name, schema in kind.schemas.items() if name in differing}
    then: dict[str, Any] = {"properties": schemas} if schemas else {}
    if kind.required:
        then["required"] = list(kind.required)
    return [{"if": _with_one_of([kind]), "then": then}] if then else []
