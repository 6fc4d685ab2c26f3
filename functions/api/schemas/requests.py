"""The bodies of requests.

The models of drinks describe the body in OpenAPI. They are not used to validate it: requests and
the lines of documents are validated by `suggester.drinks`, and the worker has no pydantic.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    TypeAdapter,
)

from suggester.drink_form import FIELDS
from suggester.kinds import KINDS
from suggester.requests import MAX_FILTER, MAX_INGREDIENTS, MAX_NAME, MAX_TOP_K
from tasks.document_keys import Format
from tasks.task import Lane

MAX_ENTRIES: Final = 100
MAX_DOCUMENT: Final = 32 * 1024 * 1024  # bytes
MAX_DOCUMENT_NAME: Final = 1024

DRINK_FIELDS: Final = FIELDS | {"priority", "deadline_seconds"}
DOCUMENT_FIELDS: Final = (FIELDS - {"ingredients"}) | {"document", "deadline_seconds"}
PRIORITIES: Final = (Lane.INTERACTIVE, Lane.BULK)

# No control characters; see suggester.drink_form.
_CONTROLS: Final = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
Name = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=MAX_NAME,
        pattern=rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$",
    ),
]


def _to_int(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# JSON has only numbers, so 5.0 is an integer like 5; "5" and true are not.
IntegralNumber = Annotated[StrictInt, BeforeValidator(_to_int)]
PositiveNumber = Annotated[StrictInt, Field(ge=1), BeforeValidator(_to_int)]
Length = Annotated[StrictInt, Field(ge=1, le=MAX_INGREDIENTS), BeforeValidator(_to_int)]


class DrinkOptions(BaseModel):
    """The options of a drink."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    kind: str = Field(
        default="next",
        description="`next`: the best ingredient to add; `complete`: what finishes the drink.",
        json_schema_extra={"enum": list(KINDS)},
    )
    top_k: IntegralNumber = Field(
        default=5, ge=1, le=MAX_TOP_K, description="The number of suggestions, for `next`."
    )
    length: Length | None = Field(
        default=None,
        description="The number of ingredients of the finished drink, for `complete`. "
        "Without it, the model decides.",
    )
    novelty: float = Field(
        default=0.0,
        ge=0,
        le=1,
        strict=True,
        description="0 for the usual to 1 for the surprising: ingredients that fit this drink "
        "better than they fit drinks in general.",
    )
    exclude: list[Name] = Field(
        default=[],
        max_length=MAX_FILTER,
        description="Never suggest these, e.g. allergies: ingredients, or groups of them such as "
        "`group:dairy`.",
    )
    only: list[Name] | None = Field(
        default=None, max_length=MAX_FILTER, description="Suggest only these, e.g. the pantry."
    )
    deadline_seconds: PositiveNumber | None = Field(
        default=None, description="Give up after this time; at most the deployment's own deadline."
    )


class Drink(DrinkOptions):
    """A half-built drink and the options of the request."""

    ingredients: list[Name] = Field(
        default=[],
        max_length=MAX_INGREDIENTS,
        description="Names or ids in English or Russian. An empty drink asks for a base.",
    )
    priority: Literal["interactive", "bulk"] = Field(
        default="interactive", description="`bulk` tasks wait in a queue of their own."
    )


class DocumentTask(DrinkOptions):
    """A document of drinks, and the options of lines that do not have their own."""

    document: str = Field(
        max_length=MAX_DOCUMENT_NAME,
        description="The name that POST /api/documents returned: s3://…",
    )


class NewDocument(BaseModel):
    """A file that will be uploaded."""

    model_config = ConfigDict(extra="forbid")

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


Drinks = Annotated[list[Drink], Field(min_length=1, max_length=MAX_ENTRIES)]

SUBMISSION_BODY: Final[dict[str, Any]] = {
    "description": f"A drink, an array of up to {MAX_ENTRIES} drinks, of which all are accepted "
    "or none, or a document.",
    "content": {
        "application/json": {
            "schema": {
                "anyOf": [
                    {"$ref": "#/components/schemas/Drink"},
                    {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": MAX_ENTRIES,
                        "items": {"$ref": "#/components/schemas/Drink"},
                    },
                    {"$ref": "#/components/schemas/DocumentTask"},
                ]
            }
        }
    },
}


def submission_schemas() -> dict[str, Any]:
    """Return the JSON schemas that `SUBMISSION_BODY` refers to, by name."""
    adapter: TypeAdapter[Any] = TypeAdapter(Drink | DocumentTask)
    schema = adapter.json_schema(ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = schema["$defs"]
    return schemas
