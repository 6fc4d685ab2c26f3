"""The ids of batches: the tasks of an array, under one id.

A batch without an idempotency key has no row: its id is that of its first task and their number,
from which all ids follow. The row of an idempotency key is the row of its batch.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tasks.errors import BatchNotFound
from tasks.ids import ids_of_array, submitted_at
from tasks.submission import KEY_PREFIX, record_id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.ports import TaskStore

MAX_TASKS: Final = 100
_WITHOUT_KEY: Final = re.compile(r"(.{36})-([1-9][0-9]{0,2})")
_WITH_KEY: Final = re.compile(r"[0-9a-f]{64}")


def batch_id_of(owner: str, task_ids: Sequence[str], idempotency_key: str = "") -> str:
    """Return the id of the batch with these tasks, given in the order of the array."""
    if idempotency_key:
        return record_id_of(owner, idempotency_key).removeprefix(KEY_PREFIX)
    return f"{task_ids[0]}-{len(task_ids)}"


def task_ids_of(batch_id: str, store: TaskStore, now: float) -> Sequence[str]:
    """Return the ids of the tasks of a batch, in the order of the array.

    Raises:
        BatchNotFound: there is no batch with this id, or it had a key and is past its retention.
        Unavailable: the table did not answer.
    """
    if _WITH_KEY.fullmatch(batch_id):
        record = store.get_record(KEY_PREFIX + batch_id, now)
        if record is None:
            raise BatchNotFound
        return record.task_ids
    found = _WITHOUT_KEY.fullmatch(batch_id)
    if found is None or submitted_at(found[1]) is None or not 1 < int(found[2]) <= MAX_TASKS:
        raise BatchNotFound
    ids = ids_of_array(found[1], int(found[2]))
    if ids[0] != found[1]:
        raise BatchNotFound
    return ids
