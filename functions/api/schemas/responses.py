"""The bodies of responses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from suggester.looks import FORMS
from tasks.task import Status
from tasks.webhooks.delivery import DeliveryState

UrlResult = Annotated[
    str, Field(description="The path of the result, to join to the deployment's base URL.")
]


class Submitted(BaseModel):
    """An accepted task."""

    task_id: str
    status: Status
    url_result: UrlResult


class TaskStatus(BaseModel):
    """The status of a task."""

    task_id: str
    status: Status
    result: str = Field(default="", description="Empty, unless a final task has an answer.")


class ProgressView(BaseModel):
    """How much of a document has been processed; at most about two seconds old."""

    fraction: float = Field(ge=0, le=1, description="The share of the file that has been read.")
    lines: int = Field(description="The number of drinks that have been processed.")
    answered: int = Field(description="The number of these lines with suggestions.")
    failed: int = Field(description="The number of these lines with an error.")


class UnfinishedTask(TaskStatus):
    """A task that is not final yet."""

    progress: ProgressView | None = Field(default=None, description="Absent for a drink.")


class ErrorView(BaseModel):
    """The reason why a task failed."""

    type: str = Field(description="Such as `worker-lost`; docs/api.md has all.")
    detail: str
    retryable: bool = Field(description="Whether it helps to submit the same input again.")


class Timings(BaseModel):
    """The times of a task in seconds; null for a stage that it did not reach."""

    queued: float | None = Field(description="From the submission until a worker started.")
    computed: float | None = Field(description="The model's time for the worker's batch.")
    total: float = Field(description="From the submission to the end.")


class Receipt(BaseModel):
    """The cost of a task that is submitted alone and polled once; docs/api.md has the details."""

    kinds: list[str] = Field(
        description="The kinds that were asked; for a document, those of lines that name none."
    )
    batch_size: int = Field(description="The number of tasks in the worker's batch.")
    engine: str = Field(description="The engine that ran the network.")
    gb_seconds: float = Field(description="The task's share of the worker's memory and time.")
    aws_calls: float = Field(description="Queue and table calls; a shared call counts in part.")
    usd: float = Field(description="The cost in US dollars.")
    prices: str = Field(description="The month of the prices.")


class DocumentResult(BaseModel):
    """The result of a document: a file of JSON lines, and its counts by outcome."""

    url: str = Field(description="The URL of the file; a GET needs no key.")
    expires_in: int = Field(description="Seconds until the URL expires; GET again for a new one.")
    lines: int = Field(description="The number of drinks in the document.")
    answered: int = Field(description="The number of lines with suggestions.")
    failed: int = Field(description="The number of lines with an error.")


class TaskResult(TaskStatus):
    """A final task. `result` is the name to add; for `complete`, names separated by `;`."""

    # The answers have their final form already. The schemas in `answers` describe them.
    suggestions: list[Any] = []
    understood: Any | None = Field(
        default=None, description="What was understood of the `text` of `next` or `complete`."
    )
    kind: str | list[str] | None = Field(default=None, description="Null for a document.")
    output: Any | None = Field(
        default=None, description="The answer of any kind but `next` and `complete`."
    )
    parts: dict[str, Any] | None = Field(
        default=None, description="The answer to each kind, if the task has several."
    )
    error: ErrorView | None = None
    attempts: int = Field(default=0, description="How often workers had received the task.")
    timings: Timings | None = None
    model: str | None = Field(
        default=None, description="The version of the model; null without an answer."
    )
    receipt: Receipt | None = Field(default=None, description="Null if no worker processed it.")
    document: DocumentResult | None = Field(default=None, description="Null for a drink.")
    metadata: dict[str, str] | None = Field(default=None, description="As in the request.")


class SubmittedResult(TaskResult):
    """A final task, in the answer to its submission."""

    url_result: UrlResult


class BatchStatus(BaseModel):
    """How many tasks of a batch have which status."""

    batch_id: str
    counts: dict[Status, int] = Field(description="The number of tasks with each status.")


class BatchResult(BatchStatus):
    """The tasks of an array, in its order."""

    expected_wait: int = Field(
        description="Seconds until the last task may be done; 0 if all tasks are final."
    )
    results: list[TaskResult | TaskStatus] = Field(
        description="The result of each task that is final, and the status of each other."
    )


class CancelledBatch(BatchStatus):
    """The tasks of an array after its cancellation."""

    cancelled: list[str] = Field(description="The ids of the tasks that are cancelled.")


class SecretsView(BaseModel):
    """The secrets of a caller's webhooks."""

    secrets: list[str] = Field(
        description="The valid secrets, newest first. Deliveries are signed with each of them."
    )


class AttemptView(BaseModel):
    """An attempt of a delivery."""

    at: datetime
    status: int | None = Field(description="Of the receiver's answer; null if there was none.")
    reason: str | None = Field(description="Why there was no answer; null if there was one.")


class DeliveryView(BaseModel):
    """The delivery of a result to its webhook."""

    webhook: str | None = Field(description="Null if the task has none.")
    state: DeliveryState | None = Field(description="Null if there is no delivery yet.")
    attempts: list[AttemptView] = Field(description="All, in the order in which they began.")


class ListedTask(BaseModel):
    """A task in a list; its result has the rest."""

    task_id: str
    status: Status
    kind: str | list[str] | None = Field(description="Null for a document.")
    submitted_at: datetime
    error: ErrorView | None = None
    metadata: dict[str, str] | None = Field(default=None, description="As in the request.")
    url_result: UrlResult


class TaskPage(BaseModel):
    """Some of the caller's tasks, the newest first."""

    tasks: list[ListedTask] = Field(description="May be empty although there are more pages.")
    cursor: str | None = Field(description="To be sent for the next page; null on the last page.")


class BacklogView(BaseModel):
    """The state of a queue; at most two seconds old."""

    depth: int = Field(description="The number of waiting tasks.")
    in_flight: int = Field(description="The number of tasks that workers are processing.")
    rate: float | None = Field(description="Tasks completed per second; null if unknown.")
    expected_wait: float | None = Field(
        description="Seconds until a task submitted now is done; null if unknown."
    )


class LookView(BaseModel):
    """How an ingredient looks."""

    shelf: str = Field(description="Where a bar keeps it, such as `milk` or `spice`.")
    form: str = Field(description=f"One of {', '.join(FORMS)}.")
    colour: str = Field(description="`#rrggbb`")


class IngredientView(BaseModel):
    """An ingredient that the model knows."""

    id: str
    name: str
    aliases: list[str] = Field(description="Its other names, in both languages.")
    base: bool
    additive: bool
    contains: list[str] | None = Field(
        description="The groups that it belongs to. Null without data: then it is in every group."
    )
    look: LookView | None = Field(description="Null without data.")
    drinks: int | None = Field(description="The number of known drinks with it; null if unknown.")


class GroupView(BaseModel):
    """A group of ingredients that a drink can exclude."""

    group: str = Field(description="The name to send in `exclude`, such as `group:dairy`.")
    ingredients: int = Field(
        description="The number of ingredients that are excluded with it, with those without data."
    )


class Health(BaseModel):
    """The function runs, with the names of this version of the model."""

    status: str
    model: str


class Upload(BaseModel):
    """How to upload the file: without a key, and with exactly the announced size and digest."""

    method: Literal["PUT"] = "PUT"
    url: str
    headers: dict[str, str] = Field(description="The headers to send; empty without `sha256`.")


class DocumentView(BaseModel):
    """A document that can be uploaded now and submitted afterwards."""

    document: str = Field(description="The name to send as `document` to /api/process.")
    upload: Upload
    expires_in: int = Field(description="Seconds until the URL expires.")
