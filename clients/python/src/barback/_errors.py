"""What can go wrong.

BarbackError
├── ApiError           the service answered with an error
├── Unreachable        the service gave no answer
├── UnexpectedAnswer   what answered is not Barback, or another version of it
├── TimedOut           the task was not finished in the time that was given
└── TaskEnded
    ├── TaskFailed     the task ended without a suggestion
    └── TaskCancelled  the task was cancelled
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from barback._responses import Result, Task

PROBLEM: Final = "urn:barback:problem:"


class BarbackError(Exception):
    """Anything that a client raises. `tasks` are those that exist on the service all the same."""

    tasks: tuple[Task, ...] = ()


class ApiError(BarbackError):
    """The service answered with an error, as RFC 9457 describes it.

    Args:
        status: the HTTP status.
        problem: the members of the answer: `type`, `title`, `detail` and what the type adds.
        retry_after: seconds after which to try again, where the service said so.
    """

    def __init__(
        self, status: int, problem: Mapping[str, Any], retry_after: float | None = None
    ) -> None:
        self.status = status
        self.type: str = problem.get("type", "about:blank")
        self.detail: str = problem.get("detail", "")
        self.problem = problem
        self.retry_after = retry_after
        self.index: int | None = problem.get("index")  # of the drink that it is about
        super().__init__(self.detail or f"The service answered with status {status}.")


class Unreachable(BarbackError):
    """The service gave no answer, however often it was asked."""


class UnexpectedAnswer(BarbackError):
    """The answer is not what Barback says."""


class TimedOut(BarbackError):
    """The task was not finished in the time that was given; it goes on, and is in `tasks`."""

    def __init__(self, task: Task) -> None:
        self.tasks = (task,)
        super().__init__(
            f"Task {task.task_id} is not finished yet; ask for its result later or wait longer."
        )


class TaskEnded(BarbackError):
    """The task ended without a suggestion."""

    def __init__(self, result: Result, text: str) -> None:
        self.result = result
        super().__init__(text)


class TaskFailed(TaskEnded):
    """The task ended without a suggestion; `result.error` says why."""

    def __init__(self, result: Result) -> None:
        why = result.error.detail if result.error else "The service does not say why."
        super().__init__(result, f"Task {result.task_id} failed. {why}")


class TaskCancelled(TaskEnded):
    """Somebody with the same key cancelled the task."""

    def __init__(self, result: Result) -> None:
        super().__init__(result, f"Task {result.task_id} was cancelled; submit it again.")
