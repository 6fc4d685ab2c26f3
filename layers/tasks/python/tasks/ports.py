"""The ports: what the task layer and the functions need from the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasks.messages import TaskMessage
    from tasks.task import IdempotencyRecord, Outcome, Progress, Task

# Seconds that an invocation keeps for itself: nothing new is started with less time left, because
# one call of the table or of a queue takes at most 4 s.
SAFETY_MARGIN: Final = 5.0
LINK_SECONDS: Final = 900  # how long a link to a file is valid


class TaskStore(Protocol):
    """The table of tasks. Every method raises `Unavailable` if the table does not answer."""

    def create(self, tasks: Sequence[Task]) -> None:
        """Put new rows, all or none (at most 100). Rows that exist stay as they are.

        If this raises, they may have been written.
        """

    def create_once(
        self, record: IdempotencyRecord, tasks: Sequence[Task], now: float
    ) -> IdempotencyRecord | None:
        """Put new rows and their record, all or none (at most 99 tasks).

        If the record already exists and has not expired, put nothing and return the existing one.
        """

    def get_record(self, record_id: str, now: float) -> IdempotencyRecord | None:
        """Return the record, or None if it does not exist or has expired."""

    def get(self, task_id: str) -> Task | None:
        """Return the current row, or None."""

    def get_many(self, task_ids: Sequence[str]) -> dict[str, Task]:
        """Return the current rows by id, without ids that have no row."""

    def newest(self, owner: str, first: str, last: str, limit: int) -> list[str]:
        """Return the ids of an owner's tasks from `first` to `last`, both included, newest first.

        At most `limit` (up to 201). Rows of the last seconds may be missing, and deleted ones
        present.

        Raises:
            TaskListOff: the table has no index of owners.
        """

    def finish(self, task_id: str, outcome: Outcome) -> bool:
        """Give the task its final status.

        Returns False if the task is already final or has no row.
        """

    def report_progress(self, task_id: str, progress: Progress) -> None:
        """Replace the progress of a task; do nothing if it is final or has no row."""


class SubmissionQueue(Protocol):
    """The queue of a lane, as the API uses it."""

    def send(self, messages: Sequence[TaskMessage]) -> None:
        """Put messages in the queue. If this raises, some of them may have been sent.

        Raises:
            Unavailable: the queue does not answer.
        """

    def retry_after(self, created_at: float) -> int:
        """Return the seconds (at least 1) until a task created at that time may be done."""


class TaskQueue(Protocol):
    """A queue of tasks. Every method raises `Unavailable` if the queue does not answer."""

    def send(self, messages: Sequence[TaskMessage]) -> None:
        """Put messages in the queue. If this raises, some of them may have been sent."""

    def change_visibility(self, receipt_handle: str, seconds: int) -> None:
        """Make a received message visible again in that many seconds (0 to 43,200)."""

    def length(self) -> tuple[int, int]:
        """Return the approximate numbers of waiting messages and of messages in flight."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """The content of a file from some offset on; iterating over it yields chunks of bytes.

    Attributes:
        size: the size of the whole file in bytes.
        etag: names this version of the file.
        chunks: the bytes from the offset to the end, all of this version.
    """

    size: int
    etag: str
    chunks: Iterator[bytes]

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks. They can be read only once."""
        return self.chunks


class DocumentStore(Protocol):
    """The files of callers. `read` and `write` raise `Unavailable` if the store does not answer."""

    def uri(self, key: str) -> str:
        """Return the URI by which a caller names the file."""

    def upload_link(self, key: str, size: int, sha256: str | None = None) -> str:
        """Return a URL that accepts a PUT of exactly `size` bytes for `LINK_SECONDS`.

        With a digest (hexadecimal), only the content with this digest is accepted, and the PUT
        needs `checksum_headers`.
        """

    def download_link(self, key: str) -> str:
        """Return a URL at which the file can be downloaded for `LINK_SECONDS`."""

    def read(self, name: str, start: int = 0, etag: str = "") -> FileContent:
        """Return the content of the file from offset `start`; there is none beyond its end.

        The chunks may raise `Unavailable`, too.

        Args:
            name: the key of the file, or the s3:// URI of a file in another bucket.
            start: the offset in bytes.
            etag: the version of the file that is expected; empty for any.

        Raises:
            DocumentNotFound: there is no such file.
            DocumentChanged: `etag` is given, and the file has another one.
            DocumentForbidden: another bucket does not let this deployment read it.
        """

    def write(self, key: str, content: bytes) -> None:
        """Put a file, replacing any existing one."""


class Telemetry(Protocol):
    """The metrics of a function."""

    def observe(self, name: str, value: float, kind: str = "") -> None:
        """Record a value of a metric, of one kind of task or of all."""

    def flush(self) -> None:
        """Emit the metrics recorded since the last flush."""
