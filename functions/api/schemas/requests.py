"""The bodies of requests.

What the kinds are asked is described by the types of their pipelines. pydantic only describes
these types in OpenAPI; `suggester.inputs` checks requests, and lines of documents in the worker.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from annotated_types import Ge, Len, MaxLen, MinLen
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, TypeAdapter

from functions.api.schemas.several_kinds import KindFields, several_kinds
from pipelines.forms import form_of
from pipelines.registry import MAX_KINDS
from tasks.document_keys import MAX_DOCUMENT, MAX_LINES, Format

if TYPE_CHECKING:
    from pipelines.pipeline import Pipeline
    from pipelines.registry import Registry

MAX_ENTRIES: Final = 100
MAX_DOCUMENT_NAME: Final = 1100  # the URI of the longest key in the bucket with the longest name
SEVERAL: Final = "SeveralKinds"
SEVERAL_IN_DOCUMENT: Final = "SeveralKindsDocument"
SEVERAL_IN_LINES: Final = "SeveralKindsLines"

LINES: Final = "lines"
CONTENT: Final = frozenset({"ingredients", "text"})  # a document has these in its lines
DEADLINE: Final = {"description": "Give up after this time; at most the deployment's own deadline."}

MAX_METADATA: Final = 16  # pairs
MAX_METADATA_NAME: Final = 64  # characters
MAX_METADATA_VALUE: Final = 256  # characters
Metadata = Annotated[
    dict[
        Annotated[str, MinLen(1), MaxLen(MAX_METADATA_NAME)],
        Annotated[str, MaxLen(MAX_METADATA_VALUE)],
    ],
    MaxLen(MAX_METADATA),
]
METADATA: Final = {"description": "Pairs of texts of your own, which the result repeats."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The fields of a request that are not for its kind."""

    priority: Literal["interactive", "bulk"] = field(
        default="interactive",
        metadata={"description": "`bulk` tasks wait in a queue of their own."},
    )
    deadline_seconds: Annotated[int, Ge(1)] | None = field(default=None, metadata=DEADLINE)
    metadata: Metadata | None = field(default=None, metadata=METADATA)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOptions:
    """The fields of a request with a document that are neither the document nor for its lines."""

    deadline_seconds: Annotated[int, Ge(1)] | None = field(default=None, metadata=DEADLINE)
    metadata: Metadata | None = field(default=None, metadata=METADATA)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDelivery(DocumentOptions):
    """The fields of a request with the name of a document that are not for its lines."""

    document: Annotated[str, MaxLen(MAX_DOCUMENT_NAME)] = field(
        metadata={
            "description": "The name that POST /api/documents returned (s3://…), or the s3:// URI "
            "of a file in a bucket that this deployment reads."
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesDelivery(DocumentOptions):
    """The same with the lines of a small document, which only the worker checks."""

    lines: Annotated[list[str | list[str] | dict[str, Any]], Len(1, MAX_LINES)] = field(
        metadata={
            "description": "The lines of a small document: inputs, lists of names, or texts as in "
            "a document of the format `text`."
        }
    )


DELIVERY_FIELDS: Final = frozenset(form_of(Delivery).names)
DOCUMENT_FIELDS: Final = frozenset({*form_of(DocumentDelivery).names, LINES})


def _to_int(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# JSON has only numbers, so 5.0 is an integer like 5; "5" and true are not.
PositiveNumber = Annotated[StrictInt, Field(ge=1), BeforeValidator(_to_int)]


class NewDocument(BaseModel):
    """A file that will be uploaded."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"bytes": 1024, "format": "jsonl"}]}
    )

    size: PositiveNumber = Field(
        alias="bytes", description=f"The size of the file in bytes, at most {MAX_DOCUMENT}."
    )
    format: Format = Field(
        default="jsonl",
        description="`jsonl`: one drink or list of names per line; `text`: names separated by `;`.",
    )
    sha256: str | None = Field(
        default=None,
        pattern="^[0-9a-f]{64}$",
        description="The SHA-256 digest of the file. The same file then has the same name.",
    )


DOCUMENT_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewDocument"}}},
}


def submission_body(registry: Registry) -> dict[str, Any]:
    """Return the description of the body: an input, an array of inputs, or a document."""
    pipelines = [registry[kind] for kind in registry.kinds]
    names = [_input_name(pipeline) for pipeline in pipelines] + [SEVERAL]
    single = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    names = [name_of(each) for name_of in (_document_name, _lines_name) for each in pipelines]
    names += [SEVERAL_IN_DOCUMENT, SEVERAL_IN_LINES]
    documents = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    array = {"type": "array", "minItems": 1, "maxItems": MAX_ENTRIES, "items": {"anyOf": single}}
    return {
        "description": f"A drink, an array of up to {MAX_ENTRIES} drinks, of which all are "
        "accepted or none, a document, or the lines of a small one. `kind` says what is asked.",
        "content": {
            "application/json": {
                "schema": {"anyOf": [*single, array, *documents]},
                "examples": _examples(registry),
            }
        },
    }


def _examples(registry: Registry) -> dict[str, Any]:
    """Return requests that succeed as they stand, by name."""
    examples = {
        pipeline.kind: {
            "summary": pipeline.summary,
            "value": _kind_of(pipeline, registry) | dict(pipeline.example),
        }
        for pipeline in (registry[kind] for kind in registry.kinds)
    }
    values = [example["value"] for example in examples.values()]
    examples["an array"] = {"summary": "A task for each input.", "value": values[:MAX_ENTRIES]}
    examples["several kinds"] = _several_example(registry)
    return examples


def submission_schemas(registry: Registry) -> dict[str, Any]:
    """Return the JSON schemas that `submission_body` refers to, by name."""
    pipelines = [registry[kind] for kind in registry.kinds]
    schemas: dict[str, Any] = {}
    inputs: list[KindFields] = []
    options: list[KindFields] = []
    for pipeline in pipelines:
        described = _described(pipeline.input, schemas, _prefix(pipeline))
        kind = {"const": pipeline.kind, "type": "string", "description": pipeline.summary}
        is_default = pipeline.kind == registry.default
        needed = form_of(pipeline.input).required
        required = list(needed) + ([] if is_default else ["kind"])
        inputs.append(KindFields(pipeline.kind, described, needed))
        schemas[_input_name(pipeline)] = _object(described, Delivery, kind, required)
        own = {name: each for name, each in described.items() if name not in CONTENT}
        options.append(KindFields(pipeline.kind, own, ()))
        required = [] if is_default else ["kind"]
        document = _object(own, DocumentDelivery, kind, ["document", *required])
        schemas[_document_name(pipeline)] = document
        schemas[_lines_name(pipeline)] = _object(own, LinesDelivery, kind, [LINES, *required])
    schemas[SEVERAL] = several_kinds(inputs, _described(Delivery, {}), ())
    delivery = _described(DocumentDelivery, {})
    schemas[SEVERAL_IN_DOCUMENT] = several_kinds(options, delivery, ["document"])
    delivery = _described(LinesDelivery, {})
    schemas[SEVERAL_IN_LINES] = several_kinds(options, delivery, [LINES])
    return schemas


def _several_example(registry: Registry) -> dict[str, Any]:
    """Return an example with all kinds that can read the same text."""
    pipelines = [registry[kind] for kind in registry.kinds]
    texts = [{"text": each.example["text"]} for each in pipelines if "text" in each.example]
    content = next(iter(texts), registry[registry.default].example)
    kinds = [kind for kind in registry.kinds if not registry.check({"kind": kind, **content})]
    return {
        "summary": "One task whose result has a part for each kind.",
        "value": {"kind": kinds[:MAX_KINDS], **content},
    }


def _prefix(pipeline: Pipeline) -> str:
    """Return the start of the names of schemas: two packages may have types with one name."""
    return pipeline.kind.title()


def _input_name(pipeline: Pipeline) -> str:
    return f"{_prefix(pipeline)}Input"


def _document_name(pipeline: Pipeline) -> str:
    return f"{_prefix(pipeline)}Document"


def _lines_name(pipeline: Pipeline) -> str:
    return f"{_prefix(pipeline)}Lines"


def _kind_of(pipeline: Pipeline, registry: Registry) -> dict[str, str]:
    return {} if pipeline.kind == registry.default else {"kind": pipeline.kind}


def _described(cls: type, definitions: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the JSON schema of each field, and add the definitions that they refer to."""
    template = f"#/components/schemas/{prefix}.{{model}}"
    schema = TypeAdapter(cls).json_schema(ref_template=template)
    for name, found in schema.get("$defs", {}).items():
        definitions[f"{prefix}.{name}"] = found | {"additionalProperties": False}
    properties: dict[str, Any] = schema.get("properties", {})
    return properties


def _object(
    properties: dict[str, Any], delivery: type, kind: dict[str, Any], required: list[str]
) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"kind": kind, **properties, **_described(delivery, {})},
        "required": required,
        "additionalProperties": False,
    }
