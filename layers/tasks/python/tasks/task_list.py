"""The list of an owner's tasks, in pages: a way to browse, not to coordinate."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.errors import CursorInvalid
from tasks.ids import first_id_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.service import TaskService
    from tasks.task import Task

MAX_ROWS: Final = 200  # that a page reads
LAST_ID: Final = str(uuid.UUID(int=(1 << 128) - 1))
CHECKSUM_SIZE: Final = 8  # bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Some tasks, the newest first, and the cursor of the next page; "" on the last page."""

    tasks: list[Task]
    cursor: str


@dataclass(frozen=True, slots=True)
class TaskList:
    """The tasks of owners, by the time of their submission."""

    tasks: TaskService

    def page(
        self,
        owner: str,
        limit: int,
        since: float = 0.0,
        cursor: str = "",
        matches: Callable[[Task], bool] | None = None,
    ) -> Page:
        """Return at most `limit` tasks since a time that match, of those that `MAX_ROWS` rows have.

        A page with fewer tasks may have a cursor all the same.

        Raises:
            CursorInvalid: no page of this owner had this cursor.
            TaskListOff: the table has no index of owners.
            Unavailable: the table did not answer.
        """
        service = self.tasks
        last = _decode(cursor, owner) if cursor else LAST_ID
        first = first_id_of(max(since, service.clock() - service.retention + 0.001))
        rows = limit if matches is None else MAX_ROWS
        # One more, to know whether there is a next page.
        ids = service.store.newest(owner, first, last, rows + 1) if first <= last else []
        found = service.fetch_existing(owner, ids[:rows])
        chosen: list[Task] = []
        for place, task_id in enumerate(ids[:rows], start=1):
            task = found.get(task_id)
            if task is not None and (matches is None or matches(task)):
                chosen.append(task)
            if len(chosen) == limit or place == rows:
                return Page(chosen, _encode(task_id, owner) if place < len(ids) else "")
        return Page(chosen, "")


def _encode(task_id: str, owner: str) -> str:
    """Return the cursor of the page after a task."""
    place = uuid.UUID(task_id).bytes
    return base64.urlsafe_b64encode(place + _checksum(place, owner)).decode()


def _decode(cursor: str, owner: str) -> str:
    """Return the id with which the page of a cursor begins."""
    try:
        content = base64.b64decode(cursor, b"-_", validate=True)
        place, checksum = content[:-CHECKSUM_SIZE], content[-CHECKSUM_SIZE:]
        if checksum == _checksum(place, owner):
            return str(uuid.UUID(int=uuid.UUID(bytes=place).int - 1))
    except ValueError as error:
        raise CursorInvalid from error
    raise CursorInvalid


def _checksum(place: bytes, owner: str) -> bytes:
    """Return what recognises a cursor that was damaged, or belongs to someone else.

    It is no signature: a page has only the tasks of its owner, whatever the cursor is.
    """
    return hashlib.sha256(place + owner.encode()).digest()[:CHECKSUM_SIZE]
