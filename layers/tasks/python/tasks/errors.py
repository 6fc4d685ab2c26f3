"""The errors of the task layer.

TasksError
├── TaskNotFound       no task with this id belongs to the caller
├── TaskExpired        the task is past its retention
├── BatchNotFound      no batch with this id belongs to the caller
├── BatchExpired       the batch is past its retention
├── TaskFinished       the task already has a final status
├── RetryRefused       the task neither failed nor was cancelled
├── CursorInvalid      no page of this owner's tasks had this cursor
├── TaskListOff        the table has no index of owners
├── TooManyTasks       more tasks than one idempotency key can stand for
├── DocumentNotFound   no document with this name belongs to the caller
├── DocumentChanged    the document was uploaded again since it was first read
├── DocumentForbidden  another bucket does not let this deployment read the document
├── DocumentMisnamed   no document in another bucket can have this name
├── BucketRefused      the deployment does not read documents in this bucket
├── KeyReused          the idempotency key was used before with other submissions
├── Unavailable        the table, a queue or the bucket refused or did not answer
├── MessageUnreadable  this version of the code cannot read the message
├── WebhookRefused     no delivery is sent to this URL
├── NothingToDeliver   the task has no webhook, or has not ended
├── RedeliveryRefused  the delivery has had too many attempts to be started again
├── ReceiverBusy       too many requests to a receiver have no answer yet
└── SettingsInvalid    an environment variable is missing or has an unusable value
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class TasksError(Exception):
    """The base class of all errors that this package raises on purpose."""


class TaskNotFound(TasksError):
    """No task with this id belongs to the caller."""


class TaskExpired(TasksError):
    """The task is past its retention; its row is deleted or about to be."""


class BatchNotFound(TasksError):
    """No batch with this id belongs to the caller."""


class BatchExpired(TasksError):
    """The batch is past its retention; its rows are deleted or about to be."""


class TaskFinished(TasksError):
    """The task already has a final status, and a final status never changes."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status

    def __str__(self) -> str:
        return f"The task already ended with status {self.status}; a final status never changes."


class RetryRefused(TasksError):
    """The task neither failed nor was cancelled, so there is nothing to retry."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status

    def __str__(self) -> str:
        return f"The status of the task is {self.status}; only FAIL and CANCELLED can be retried."


class CursorInvalid(TasksError):
    """No page of this owner's tasks had this cursor."""


class TaskListOff(TasksError):
    """The table has no index of owners, so their tasks cannot be listed."""


class TooManyTasks(TasksError):
    """One idempotency key cannot stand for this many tasks."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"A submission with an idempotency key has at most {self.limit} tasks."


class DocumentNotFound(TasksError):
    """No document with this name belongs to the caller."""


class DocumentChanged(TasksError):
    """The document was uploaded again since it was first read."""


class DocumentForbidden(TasksError):
    """Another bucket does not let this deployment read the document. `code` is S3's reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DocumentMisnamed(TasksError):
    """No document in another bucket can have this name; the message says why."""


class BucketRefused(TasksError):
    """The deployment does not read documents in this bucket, or in this part of it."""

    def __init__(self, bucket: str, places: Sequence[str]) -> None:
        super().__init__(bucket, places)
        self.bucket = bucket
        self.places = places

    def __str__(self) -> str:
        read = f"only from {', '.join(self.places)}" if self.places else "from no other bucket"
        return (
            f"Documents of the bucket {self.bucket[:63]!r} are not read here: this service reads "
            f"{read}. Upload the file with POST /api/documents, or ask the operator to change "
            "DocumentBuckets."
        )


class KeyReused(TasksError):
    """The idempotency key was used before with other submissions."""


class Unavailable(TasksError):
    """The table, a queue or the bucket refused or did not answer; retrying is safe."""


class MessageUnreadable(TasksError):
    """This version of the code cannot read the message."""


class WebhookRefused(TasksError):
    """No delivery is sent to this URL; the message says what to send instead."""


class NothingToDeliver(TasksError):
    """The task has no webhook, or has not ended; the message says which."""


class RedeliveryRefused(TasksError):
    """The delivery has had too many attempts to be started again."""


class ReceiverBusy(TasksError):
    """Too many requests to the receiver's host have no answer yet."""


class SettingsInvalid(TasksError):
    """An environment variable is missing or has an unusable value."""
