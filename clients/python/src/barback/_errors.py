"""The exceptions that the client raises.

BarbackError
├── ApiError                  the service returned an error
├── Unreachable               the service did not respond
├── UnexpectedResponse        the response does not come from a compatible Barback service
├── TaskTimeout               the task was not finished within the given time
├── WebhookVerificationError  a webhook is not from the service, or not from this time
└── TaskUnsuccessful          the task ended without an answer
    ├── TaskFailed            the service could not answer
    └── TaskCancelled         the task was cancelled
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from barback._responses import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from barback._responses import Result, Task

T = TypeVar("T")


class BarbackError(Exception):
    """Base class of all exceptions that the client raises.

    `tasks` has the tasks that the service accepted before the error; they continue to run.
    """

    tasks: tuple[Task, ...] = ()


class ApiError(BarbackError):
    """The service returned an error, described as in RFC 9457.

    Args:
        status: the HTTP status code.
        problem: the fields of the response: `type`, `title`, `detail` and others for some types.
        retry_after: the seconds to wait before a retry, if the service gave a number.
    """

    def __init__(
        self, status: int, problem: Mapping[str, Any], retry_after: float | None = None
    ) -> None:
        super().__init__(status, problem, retry_after)
        self.status = status
        self.type = _member(problem, "type", str) or "about:blank"
        self.detail = _member(problem, "detail", str) or ""
        self.problem = problem
        self.retry_after = retry_after
        self.index = _member(problem, "index", int)  # position of the drink that caused it

    def __str__(self) -> str:
        return self.detail or f"The service returned HTTP status {self.status}."


class Unreachable(BarbackError):
    """The service did not respond to any attempt."""


class UnexpectedResponse(BarbackError):
    """The response does not have the format of a Barback response."""


class TaskTimeout(BarbackError):
    """The task was not finished within the given time. It continues, and is in `tasks`."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.tasks = (task,)

    def __str__(self) -> str:
        task_id = self.tasks[0].task_id
        return f"Task {task_id} is not finished yet. Fetch its result later or wait longer."


class TaskUnsuccessful(BarbackError):
    """The task ended without an answer."""

    def __init__(self, result: Result) -> None:
        super().__init__(result)
        self.result = result


class TaskFailed(TaskUnsuccessful):
    """The task failed; `result.error` has the reason."""

    def __str__(self) -> str:
        error = self.result.error
        reason = error.detail if error else "The service gave no reason."
        return f"Task {self.result.task_id} failed. {reason}"


class TaskCancelled(TaskUnsuccessful):
    """The task was cancelled, by this or another client with the same API key."""

    def __str__(self) -> str:
        return f"Task {self.result.task_id} was cancelled. Submit it again."


class WebhookVerificationError(BarbackError):
    """A webhook is not from the service, or its time differs too much from the present."""


def _member(problem: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    """Return a member of a problem; None if it has another type, as in another service's error."""
    value = problem.get(name)
    return value if isinstance(value, kind) else None


def field_errors(error: ApiError, index: int) -> list[tuple[str, str]]:
    """Return the fields of one input of an array that the service refused, each with the reason."""
    errors = _member(error.problem, "errors", list) or []
    place = f"body[{index}]."
    return [
        (at.removeprefix(place), detail)
        for each in errors
        if isinstance(each, dict)
        and isinstance(at := each.get("at"), str)
        and isinstance(detail := each.get("detail"), str)
        and at.startswith(place)
    ]


def is_about_query(error: ApiError) -> bool:
    """Whether the service refused a parameter of the request, such as its webhook."""
    errors = _member(error.problem, "errors", list) or []
    return any(isinstance(e, dict) and str(e.get("at")).startswith("query.") for e in errors)


def add_progress(error: BarbackError, tasks: Sequence[Task]) -> None:
    """Give an error the tasks before it, and count its index from the first drink."""
    error.tasks = tuple(tasks)
    if isinstance(error, ApiError) and error.index is not None:
        error.index += len(tasks)


def require_success(result: Result) -> Result:
    """Return the result of a successful task, or raise the error for any other status."""
    match result.status:
        case Status.SUCCESS:
            return result
        case Status.FAIL:
            raise TaskFailed(result)
        case Status.CANCELLED:
            raise TaskCancelled(result)
        case Status.PROCESSING:
            raise TaskTimeout(result)
