"""How a model refuses a task: for now, or for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.model import TaskError

if TYPE_CHECKING:
    from tasks.model import ErrorType


class Transient(Exception):
    """The model cannot answer now and may answer later."""


class Permanent(Exception):
    """The model will never answer this input. The message is shown to the owner."""

    def __init__(self, error_type: ErrorType, detail: str) -> None:
        super().__init__(detail)
        self.error = TaskError(error_type, detail, retryable=False)
