"""The errors by which a processor refuses a task.

ProcessingError
├── Transient    the task may succeed later
├── Unreadable   another version accepted the task, and a worker of that version may answer it
└── Permanent    the task will never succeed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tasks.task import TaskError

if TYPE_CHECKING:
    from tasks.task import ErrorType

# The code of the pipeline failed, and the log says how.
CANNOT_ANSWER: Final = "The model cannot answer this input; change it."


class ProcessingError(Exception):
    """The base class of all errors that a processor raises on purpose."""


class Transient(ProcessingError):
    """The task cannot be processed now, but may be later."""


class Unreadable(ProcessingError):
    """The input has a form that only another version knows."""

    def __str__(self) -> str:
        return "Another version accepted the task, so it waits for a worker of that version."


class Permanent(ProcessingError):
    """The task will never succeed. The detail is shown to the owner.

    `retryable` says whether submitting the same input again may help.
    """

    def __init__(self, error_type: ErrorType, detail: str, *, retryable: bool = False) -> None:
        super().__init__(error_type, detail)
        self.error = TaskError(error_type, detail, retryable)

    def __str__(self) -> str:
        return self.error.detail
