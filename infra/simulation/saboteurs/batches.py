"""Broken variants of batches and lists."""
# ruff: noqa: D101, D102 - the catalogue says what each one does wrong

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasks.batches import BatchService
from tasks.task import Outcome, Status
from tasks.task_list import Page, TaskList

if TYPE_CHECKING:
    from tasks.task import Task


class Reverses(BatchService):
    def fetch(self, owner: str, batch_id: str) -> list[Task]:
        return super().fetch(owner, batch_id)[::-1]


class LosesLast(BatchService):
    def fetch(self, owner: str, batch_id: str) -> list[Task]:
        return super().fetch(owner, batch_id)[:-1]


class CancelsFirst(BatchService):
    def cancel(self, owner: str, batch_id: str) -> list[Task]:
        for task in self.fetch(owner, batch_id):
            if not task.is_final:
                self.tasks.cancel(owner, task.task_id)
                break
        return self.fetch(owner, batch_id)


class CancelsInMind(BatchService):
    def cancel(self, owner: str, batch_id: str) -> list[Task]:
        outcome = Outcome(Status.CANCELLED, self.tasks.clock())
        tasks = self.fetch(owner, batch_id)
        return [task if task.is_final else task.end(outcome) for task in tasks]


class SkipsOne(TaskList):
    def page(self, owner: str, limit: int, *given: Any, **named: Any) -> Page:
        found = super().page(owner, limit, *given, **named)
        return Page(found.tasks[:-1], found.cursor) if found.cursor else found


class CancelsOnRead(BatchService):
    def fetch(self, owner: str, batch_id: str) -> list[Task]:
        outcome = Outcome(Status.CANCELLED, self.tasks.clock())
        for task in super().fetch(owner, batch_id):
            if not task.is_final:
                self.tasks.store.finish(task.task_id, outcome)
        return super().fetch(owner, batch_id)
