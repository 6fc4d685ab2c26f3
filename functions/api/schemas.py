"""The shapes of requests and answers."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Body
from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictInt, StringConstraints, Tag

from suggester.kinds import KINDS
from suggester.requests import MAX_INGREDIENTS, MAX_TOP_K
from tasks.model import Priority, Status

MAX_ENTRIES: Final = 100
MAX_FILTER: Final = 500
MAX_NAME: Final = 64
SEPARATOR: Final = ";"

# No control characters: they come from a broken client, and a terminal would obey them.
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=MAX_NAME,
        pattern=r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$",
    ),
]
KindName = Annotated[
    str,
    StringConstraints(pattern=rf"^({'|'.join(KINDS)})$"),
    Field(json_schema_extra={"enum": list(KINDS)}),
]


class Drink(BaseModel):
    """A half-built drink and what is asked of it."""

    model_config = ConfigDict(extra="forbid")

    ingredients: list[Name] = Field(
        default=[],
        max_length=MAX_INGREDIENTS,
        description="Names or ids in English or Russian. None of them: ask for a base.",
    )
    kind: KindName = Field(
        default="next",
        description="`next`: the best ingredient to add; `complete`: add until `length`.",
    )
    top_k: StrictInt = Field(
        default=5, ge=1, le=MAX_TOP_K, description="How many suggestions, for `next`."
    )
    length: StrictInt = Field(
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
    priority: Priority = Field(
        default=Priority.INTERACTIVE, description="`bulk` waits behind `interactive`."
    )
    deadline_seconds: StrictInt | None = Field(
        default=None, ge=1, description="Give up after so long; at most the deployment's own."
    )


def _shape(body: Any) -> str:
    return "many" if isinstance(body, list) else "one"


Drinks = Annotated[list[Drink], Field(min_length=1, max_length=MAX_ENTRIES)]
Submissions = Annotated[
    Annotated[Drink, Tag("one")] | Annotated[Drinks, Tag("many")],
    Discriminator(_shape),
    Body(description=f"A drink, or an array of up to {MAX_ENTRIES}; all are taken or none."),
]


class Submitted(BaseModel):
    """A task that was taken on."""

    task_id: str
    status: Status
    url_result: str


class TaskStatus(BaseModel):
    """Where a task stands."""

    task_id: str
    status: Status
    result: str = ""


class SuggestionView(BaseModel):
    """An ingredient to add and its probability among all that may be added."""

    ingredient: str
    probability: float


class ErrorView(BaseModel):
    """Why a task failed."""

    type: str
    detail: str
    retryable: bool


class Timings(BaseModel):
    """How long a task took, in seconds; null where it never got that far."""

    queued: float | None
    computed: float | None
    total: float


class Receipt(BaseModel):
    """What a task took and cost, with one look at it; `docs/api.md` says what is counted."""

    batch_size: int = Field(description="Tasks that a worker answered at once.")
    engine: str = Field(description="What ran the network.")
    gb_seconds: float = Field(description="Its share of the worker's memory and time.")
    aws_calls: float = Field(description="Calls of queue and table, with shares of shared ones.")
    usd: float = Field(description="Its cost in US dollars.")
    prices: str = Field(description="The month that the prices are of.")


class TaskResult(TaskStatus):
    """How a task ended. `result` is the name to add; with `complete`, names joined by `;`."""

    suggestions: list[SuggestionView] = []
    error: ErrorView | None = None
    attempts: int = 0
    timings: Timings | None = None
    model: str | None = None
    receipt: Receipt | None = Field(default=None, description="Null if no worker took it.")


class SubmittedResult(TaskResult):
    """How a task ended, in the answer to its submission."""

    url_result: str


class BacklogView(BaseModel):
    """A queue, as it was at most two seconds ago."""

    depth: int = Field(description="Tasks that wait.")
    in_flight: int = Field(description="Tasks that workers have.")
    rate: float | None = Field(description="Tasks completed in a second; null if none was seen.")
    expected_wait: float | None = Field(
        description="Seconds until a task submitted now is done; null if unknown."
    )


class IngredientView(BaseModel):
    """An ingredient that the model knows."""

    id: str
    name: str
    base: bool
    additive: bool


class Health(BaseModel):
    """The function runs, and serves names of this version of the model."""

    status: str
    model: str
