"""The use cases of a batch: fetch and cancel the tasks of an array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.batch_ids import task_ids_of
from tasks.errors import BatchExpired, BatchNotFound, TaskExpired, TaskNotFound
from tasks.task import Outcome, Status

if TYPE_CHECKING:
    from tasks.service import TaskService
    from tasks.task import Task


@dataclass(frozen=True, slots=True)
class BatchService:
    """The batches of an owner. Both calls raise the same errors.

    Raises:
        BatchNotFound: the batch does not exist, belongs to someone else, or had a key and is past
            its retention.
        BatchExpired: the batch is older than the retention.
        Unavailable: the table did not answer; repeating the call is safe.
    """

    tasks: TaskService

    def fetch(self, owner: str, batch_id: str) -> list[Task]:
        """Return the current tasks of a batch, in the order of the array."""
        ids = task_ids_of(batch_id, self.tasks.store, self.tasks.clock())
        try:
            return self.tasks.fetch_many(owner, ids)
        except TaskNotFound as error:
            raise BatchNotFound from error
        except TaskExpired as error:
            raise BatchExpired from error

    def cancel(self, owner: str, batch_id: str) -> list[Task]:
        """End the tasks of a batch that are not final, and return all as they are now."""
        outcome = Outcome(Status.CANCELLED, self.tasks.clock())
        found = {task.task_id: task for task in self.fetch(owner, batch_id)}
        lost = []  # those that someone else ended first
        for task_id, task in found.items():
            if task.is_final:
                continue
            if self.tasks.store.finish(task_id, outcome):
                found[task_id] = task.end(outcome)
            else:
                lost.append(task_id)
        if lost:
            found |= {task.task_id: task for task in self.tasks.fetch_many(owner, lost)}
        return list(found.values())
