"""The shapes of requests."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import Body
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictInt,
    StringConstraints,
    Tag,
)

from suggester.kinds import KINDS
from suggester.requests import MAX_FILTER, MAX_INGREDIENTS, MAX_NAME, MAX_TOP_K

MAX_ENTRIES: Final = 100

# No control characters: they come from a broken client, and a terminal would obey them.
CONTROLS: Final = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=MAX_NAME,
        pattern=rf"^[^{CONTROLS}]*[^\s{CONTROLS}][^{CONTROLS}]*$",
    ),
]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# JSON has numbers only, so that 5.0 is an integer like 5; "5" and true are none.
Whole = Annotated[StrictInt, BeforeValidator(_whole)]
Positive = Annotated[StrictInt, Field(ge=1), BeforeValidator(_whole)]
KindName = Annotated[
    str,
    StringConstraints(pattern=rf"^({'|'.join(KINDS)})$"),
    Field(json_schema_extra={"enum": list(KINDS)}),
]


class Asked(BaseModel):
    """What is asked of a drink."""

    model_config = ConfigDict(extra="forbid")

    kind: KindName = Field(
        default="next",
        description="`next`: the best ingredient to add; `complete`: add until `length`.",
    )
    top_k: Whole = Field(
        default=5, ge=1, le=MAX_TOP_K, description="How many suggestions, for `next`."
    )
    length: Whole = Field(
        default=5,
        ge=1,
        le=MAX_INGREDIENTS,
        description="How many ingredients the finished drink has, for `complete`.",
    )
    exclude: list[Name] = Field(
        default=[], max_length=MAX_FILTER, description="What must not be suggested: allergies."
    )
    only: list[Name] | None = Field(
        default=None, max_length=MAX_FILTER, description="What may be suggested: the pantry."
    )
    deadline_seconds: Positive | None = Field(
        default=None, description="Give up after so long; at most the deployment's own."
    )


class Drink(Asked):
    """A half-built drink and what is asked of it."""

    ingredients: list[Name] = Field(
        default=[],
        max_length=MAX_INGREDIENTS,
        description="Names or ids in English or Russian. None of them: ask for a base.",
    )
    priority: Literal["interactive", "bulk"] = Field(
        default="interactive", description="`bulk` waits in a queue of its own."
    )


class DocumentTask(Asked):
    """A document of drinks, and what is asked of those that do not say so themselves."""

    document: str = Field(
        max_length=1024, description="Its name, as POST /api/documents gave it: s3://…"
    )


def _shape(body: Any) -> str:
    if isinstance(body, list):
        return "many"
    return "document" if isinstance(body, dict) and "document" in body else "one"


Drinks = Annotated[list[Drink], Field(min_length=1, max_length=MAX_ENTRIES)]
Submissions = Annotated[
    Annotated[Drink, Tag("one")]
    | Annotated[Drinks, Tag("many")]
    | Annotated[DocumentTask, Tag("document")],
    Discriminator(_shape),
    Body(
        description=f"A drink, an array of up to {MAX_ENTRIES}, of which all are taken or none, "
        "or a document."
    ),
]
