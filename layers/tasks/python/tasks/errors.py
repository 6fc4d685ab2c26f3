"""What can go wrong with a task, as types.

TasksError
├── TaskNotFound       no such task, or it is somebody else's
├── TaskExpired        its row is past its retention
├── TaskFinished       it has a final status already
├── DocumentNotFound   no such document, or it is somebody else's
├── KeyReused          the idempotency key came before with another body
├── Unavailable        the table or a queue refused or did not answer; safe to retry
├── MessageUnreadable  a queue message that this version cannot read
└── SettingsInvalid    the environment lacks a setting, or holds a wrong one
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.model import Task


class TasksError(Exception):
    """The root of every error that this package raises on purpose."""


class TaskNotFound(TasksError):
    """No task of this id belongs to the caller."""


class DocumentNotFound(TasksError):
    """No document of this name belongs to the caller."""


class TaskExpired(TasksError):
    """The task is past its retention; its row is gone or about to go."""


class TaskFinished(TasksError):
    """The task has a final status, which never changes."""

    def __init__(self, task: Task) -> None:
        super().__init__(f"The task is {task.status} already, and a final status never changes.")
        self.task = task


class KeyReused(TasksError):
    """The idempotency key came before with another body."""


class Unavailable(TasksError):
    """The table or a queue refused or did not answer; the same call may succeed later."""


class MessageUnreadable(TasksError):
    """The message is not one that this version of the code can read."""


class SettingsInvalid(TasksError):
    """A setting is missing from the environment or has a value that cannot be used."""
