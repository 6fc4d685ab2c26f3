"""The answers of the kinds in the description of results, from the types of their pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from suggester.kinds.suggestions import Suggestions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.pipeline import Pipeline
    from pipelines.registry import Registry

RESULTS: Final = ("TaskResult", "SubmittedResult")
# No kind has a name that gives its schemas of requests this prefix.
PREFIX: Final = "TaskOutput."
FAILED_PART: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The reason why there is no answer to one of several kinds.",
    "properties": {"error": {"$ref": "#/components/schemas/ErrorView"}},
    "required": ["error"],
    "additionalProperties": False,
}


def describe_answers(schemas: dict[str, Any], registry: Registry) -> None:
    """Add the schemas of all outputs, and refer to them in the schemas of results."""
    pipelines = [registry[kind] for kind in registry.kinds]
    refs, definitions = _described([Suggestions, *(each.output for each in pipelines)])
    schemas |= definitions | {"FailedPart": FAILED_PART}
    suggestions = definitions[refs[Suggestions].rpartition("/")[2]]["properties"]
    outputs = dict.fromkeys(refs[e.output] for e in pipelines if e.output is not Suggestions)
    parts = {pipeline.kind: _part(pipeline, refs[pipeline.output]) for pipeline in pipelines}
    for name in RESULTS:
        fields = schemas[name]["properties"]
        fields["suggestions"] |= suggestions["suggestions"]
        fields["understood"] |= {"anyOf": suggestions["understood"]["anyOf"]}
        fields["output"]["anyOf"] = [*({"$ref": ref} for ref in outputs), {"type": "null"}]
        fields["parts"]["anyOf"] = [{"type": "object", "properties": parts}, {"type": "null"}]


def _described(types: Sequence[type]) -> tuple[dict[type, str], dict[str, Any]]:
    """Return the references to dataclasses, and all schemas by name.

    pydantic tells types of different packages that have the same name apart.
    """
    found, shared = TypeAdapter.json_schemas(
        [(cls, "validation", TypeAdapter(cls)) for cls in dict.fromkeys(types)],
        ref_template=f"#/components/schemas/{PREFIX}{{model}}",
    )
    refs = {cls: schema["$ref"] for (cls, _), schema in found.items()}
    closed = {"additionalProperties": False}
    return refs, {f"{PREFIX}{name}": each | closed for name, each in shared["$defs"].items()}


def _part(pipeline: Pipeline, ref: str) -> dict[str, Any]:
    """Return the schema of the part of a kind."""
    answer: dict[str, Any] = {"$ref": ref}
    if pipeline.output is not Suggestions:
        answer = {
            "type": "object",
            "properties": {"output": answer},
            "required": ["output"],
            "additionalProperties": False,
        }
    failed = {"$ref": "#/components/schemas/FailedPart"}
    return {"description": pipeline.summary, "anyOf": [answer, failed]}
