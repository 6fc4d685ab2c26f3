"""Broken variants of the service."""
# ruff: noqa: D101, D102 - the catalogue says what each one does wrong

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from infra.simulation.workload import OWNERS
from tasks.errors import RetryRefused, TaskNotFound
from tasks.inline_document import InlineDocument
from tasks.other_buckets import document_name
from tasks.service import RETRIED, RETRY_PREFIX, TaskService
from tasks.submission import fingerprint_of
from tasks.task import DEADLINE_EXCEEDED, Lane, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.submission import Submission
    from tasks.task import Task


class SendsFirst(TaskService):
    def submit(
        self, owner: str, submissions: Sequence[Submission], idempotency_key: str = ""
    ) -> list[Task]:
        if idempotency_key:
            return super().submit(owner, submissions, idempotency_key)
        tasks = self._new_tasks(owner, submissions)
        self._send(tasks)
        self.store.create(tasks)
        return tasks


class SendsNothing(TaskService):
    def _send(self, tasks: Sequence[Task]) -> None:
        """Forget the messages."""


class SendsOnlyNewTasks(TaskService):
    def _create_once(self, *given: Any) -> list[Task]:
        tasks: list[Task] = given[-1]
        found: list[Task] = super()._create_once(*given)
        if found is not tasks:
            return [dataclasses.replace(task, attempts=-1) for task in found]
        return found

    def _send(self, tasks: Sequence[Task]) -> None:
        super()._send([task for task in tasks if task.attempts >= 0])


class ForgetsKeys(TaskService):
    def submit(
        self,
        owner: str,
        submissions: Sequence[Submission],
        idempotency_key: str = "",  # noqa: ARG002
    ) -> list[Task]:
        return super().submit(owner, submissions)


class SharesKeys(TaskService):
    def submit(
        self, owner: str, submissions: Sequence[Submission], idempotency_key: str = ""
    ) -> list[Task]:
        if not idempotency_key:
            return super().submit(owner, submissions)
        new = self._new_tasks(owner, submissions)
        fingerprint = fingerprint_of(submissions)
        tasks = self._create_once("", f"key#{idempotency_key}", fingerprint, new)
        self._send(tasks)
        return tasks

    def fetch_many(self, owner: str, task_ids: Sequence[str]) -> list[Task]:
        if owner:
            return super().fetch_many(owner, task_ids)
        return [task for task in map(self.store.get, task_ids) if task is not None]


class ForgetsBodies(TaskService):
    def _create_once(self, owner: str, record_id: str, _: str, tasks: list[Task]) -> list[Task]:
        return super()._create_once(owner, record_id, "any", tasks)


class CancelsInMind(TaskService):
    def cancel(self, owner: str, task_id: str) -> Task:
        return self.fetch(owner, task_id).end(Outcome(Status.CANCELLED, self.clock()))


class CancelsAnyway(TaskService):
    def cancel(self, owner: str, task_id: str) -> Task:
        task = self.fetch(owner, task_id)
        outcome = Outcome(Status.CANCELLED, self.clock())
        self.store.finish(task_id, outcome)
        return dataclasses.replace(task, status=Status.PROCESSING).end(outcome)


class RetriesEachTime(TaskService):
    def retry(self, owner: str, task_id: str, traceparent: str | None = None) -> Task:
        first = self.fetch(owner, task_id)
        if first.status not in RETRIED:
            raise RetryRefused(first.status)
        [task] = self.submit(owner, [self._submission_of(first, traceparent)])
        return task


class RetriesAnything(TaskService):
    def retry(self, owner: str, task_id: str, traceparent: str | None = None) -> Task:
        first = self.fetch(owner, task_id)
        new = self._new_tasks(owner, [self._submission_of(first, traceparent)])
        tasks = self._create_once(owner, RETRY_PREFIX + task_id, task_id, new)
        self._send(tasks)
        return tasks[0]


class RetriesInBulk(TaskService):
    def _submission_of(self, task: Task, traceparent: str | None = None) -> Submission:
        lane = Lane.BULK if task.lane is Lane.INTERACTIVE else task.lane
        return dataclasses.replace(super()._submission_of(task, traceparent), lane=lane)


class RetriesWithoutMetadata(TaskService):
    def _submission_of(self, task: Task, traceparent: str | None = None) -> Submission:
        return dataclasses.replace(super()._submission_of(task, traceparent), metadata=None)


class RetriesWithoutWebhook(TaskService):
    def _submission_of(self, task: Task, traceparent: str | None = None) -> Submission:
        return dataclasses.replace(super()._submission_of(task, traceparent), webhook=None)


class ShowsToStrangers(TaskService):
    def _read(self, owner: str, task_ids: Sequence[str], now: float) -> list[Task]:
        del owner, now
        found = [self.store.get(task_id) for task_id in task_ids]
        if None in found:
            raise TaskNotFound
        return [task for task in found if task is not None]


class ListsAll(TaskService):
    def fetch_existing(self, owner: str, task_ids: Sequence[str]) -> dict[str, Task]:
        del owner
        return self.store.get_many(task_ids)


class IndexOfAll:
    """A store whose index of owners has the tasks of all of them."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def newest(self, _owner: str, *given: Any) -> list[str]:
        return sorted(
            (each for owner in OWNERS for each in self._store.newest(owner, *given)), reverse=True
        )


def lists_all(**given: Any) -> TaskService:
    """Build a service that lists the tasks of all owners."""
    return ListsAll(**{**given, "store": IndexOfAll(given["store"])})


class EndsEarly(TaskService):
    def fetch_many(self, owner: str, task_ids: Sequence[str]) -> list[Task]:
        now = self.clock()
        for task in self._read(owner, task_ids, now):
            if not task.is_final and task.deadline <= now + 60:
                self.store.finish(task.task_id, Outcome(Status.FAIL, now, error=DEADLINE_EXCEEDED))
        return super().fetch_many(owner, task_ids)


class IgnoresDeadlines(TaskService):
    def fetch_many(self, owner: str, task_ids: Sequence[str]) -> list[Task]:
        return self._read(owner, task_ids, self.clock())


class EstimatesNothing(TaskService):
    def retry_after(self, tasks: Sequence[Task]) -> int:
        return super().retry_after(tasks) - 1


class ReadsAlways(TaskService):
    def submit(self, owner: str, *given: Any) -> list[Task]:
        tasks = super().submit(owner, *given)
        return self._read(owner, [task.task_id for task in tasks], self.clock())


def keeps_too_long(**given: Any) -> TaskService:
    """Build a service whose rows expire after ten times the retention."""
    return TaskService(**{**given, "retention": 10 * given["retention"]})


def expires_too_early(**given: Any) -> TaskService:
    """Build a service whose rows expire after a hundredth of the retention."""
    return TaskService(**{**given, "retention": given["retention"] // 10})


def any_key(store: Any, others: Any, owner: str, uri: str) -> str:
    """Return the name of a document without checking its owner."""
    del others, owner
    prefix: str = store.uri("")
    return uri.removeprefix(prefix)


def any_folder(store: Any, others: Any, owner: str, uri: str) -> str:
    """Return the name of a document in any folder of a listed bucket."""
    buckets = tuple(place.partition("/")[0] for place in others.places)
    return document_name(store, dataclasses.replace(others, places=buckets), owner, uri)


class ForgetsLines(InlineDocument):
    def write(self, documents: Any) -> None:
        """Forget the file."""
