"""The events of a history, its requests and invocations, and the accepted tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.simulation.aws.dynamodb import Item
    from suggester.requests import Request
    from tasks.submission import Submission
    from tasks.task import Task
    from tasks.webhooks.delivery import Reply


class RowWritten(NamedTuple):
    """A write to the table: the images of the item before and after it; None for no item."""

    at: float
    actor: str
    task_id: str
    before: Item | None
    after: Item | None


class MessageEvent(NamedTuple):
    """A change of a message: sent, received, repeated, changed, deleted, moved or expired.

    `receives` is the number of receives so far. `detail` is the number of seconds of a changed
    visibility timeout, the queue to which the message moved, or the group of a sent message.
    """

    at: float
    actor: str
    change: str
    queue: str
    message_id: str
    task_id: str
    receives: int
    detail: str = ""


class FileEvent(NamedTuple):
    """A read or a write of a file: `read` or `written`, with its ETag and the offset of a read."""

    at: float
    actor: str
    change: str
    key: str
    etag: str
    task_id: str
    start: int = 0


class FaultInjected(NamedTuple):
    """A fault of the nemesis. `task_id` is empty unless it concerns one task."""

    at: float
    actor: str
    kind: str
    detail: str
    task_id: str = ""


class Answered(NamedTuple):
    """The end of a caller's request: what was asked, and the answer or the error."""

    at: float
    owner: str
    request: str  # the name of the call, such as submit or cancel
    task_id: str
    answer: str  # the status, or the name of the error
    since: float  # when the request began
    detail: Any = None


class Listed(NamedTuple):
    """All pages of the list of an owner's tasks: their ids in order, and when they were read."""

    owner: str
    since: float
    at: float
    ids: Sequence[str]


class Posted(NamedTuple):
    """A request to a receiver of webhooks, about a task or batch, and how it ends."""

    at: float
    actor: str
    task_id: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    reply: Reply
    until: float


class ModelCall(NamedTuple):
    """A call of the model with the requests of a batch; `failure` names the error, if any."""

    at: float
    until: float
    requests: tuple[Request, ...]
    failure: str


class Call(NamedTuple):
    """A call of an AWS client."""

    at: float
    method: str
    detail: str


@dataclass(slots=True)
class Span:
    """A request to the API, or an invocation of a function.

    Attributes:
        number: the position in the history.
        kind: the name of the call, such as submit or cancel, or that of the function.
        actor: the instance.
        started_at: when it began.
        ends_at: when Lambda ends it.
        task_ids: the tasks of its messages, in order; "" for unreadable ones.
        message_ids: the messages.
        counts: how often each of these messages had been received.
        model: the version of the model of the instance.
        size: how many tasks the request is about.
        key: the idempotency key of a submission.
        has_lines: whether a submission has the lines of a document.
        calls: the AWS calls.
        faults: the kinds of faults that it met.
        model_calls: the calls of the model.
        ended_at: when it ended.
        ending: `returned`, `died`, or the name of the exception.
        skews: the difference between the instance's clock and the time, at the start and the end.
    """

    number: int
    kind: str
    actor: str
    started_at: float
    ends_at: float
    task_ids: Sequence[str] = ()
    message_ids: Sequence[str] = ()
    counts: Sequence[int] = ()
    model: str = ""
    size: int = 1
    key: str = ""
    has_lines: bool = False
    calls: list[Call] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)
    ended_at: float = 0.0
    ending: str = ""
    skews: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A task that was answered with 202.

    Attributes:
        task: the task as it was returned.
        submission: what the caller sent.
        key: the idempotency key, or "".
        at: when the answer arrived.
    """

    task: Task
    submission: Submission
    key: str
    at: float


Event = RowWritten | MessageEvent | FileEvent | FaultInjected | Answered | Posted
