"""The shapes of answers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from tasks.model import Status


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


class DocumentResult(BaseModel):
    """What came of a document: a file of JSON lines, and how many of them are what."""

    url: str = Field(description="Where to GET the file, without a key.")
    expires_in: int = Field(description="Seconds for which the URL holds; ask again for another.")
    lines: int = Field(description="Drinks in the document.")
    answered: int = Field(description="Lines with suggestions.")
    failed: int = Field(description="Lines with an error, each with its number.")


class TaskResult(TaskStatus):
    """How a task ended. `result` is the name to add; with `complete`, names joined by `;`."""

    suggestions: list[SuggestionView] = []
    error: ErrorView | None = None
    attempts: int = 0
    timings: Timings | None = None
    model: str | None = None
    receipt: Receipt | None = Field(default=None, description="Null if no worker took it.")
    document: DocumentResult | None = Field(default=None, description="Null for a drink.")


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
