"""What a caller can do with tasks: submit, fetch, cancel."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tasks.errors import KeyReused, TaskExpired, TaskFinished, TaskNotFound
from tasks.ids import new_task_id, submitted_at
from tasks.model import (
    ErrorType,
    Outcome,
    Priority,
    Status,
    SubmissionKey,
    Task,
    TaskError,
    TaskMessage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasks.model import JsonObject
    from tasks.queue import TaskQueue
    from tasks.store import TaskStore

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a caller asks for. `deadline` is in seconds from now; None takes the deployment's."""

    input: JsonObject
    priority: Priority = Priority.INTERACTIVE
    deadline: int | None = None


@dataclass(frozen=True, slots=True)
class TaskService:
    """The life of a task as its owner sees it. `retention` and `deadline` are in seconds."""

    store: TaskStore
    queues: Mapping[Priority, TaskQueue]
    retention: int
    deadline: int
    clock: Callable[[], float] = time.time
    new_id: Callable[[float], str] = new_task_id

    def submit(
        self, owner: str, submissions: Sequence[Submission], idempotency_key: str = ""
    ) -> list[Task]:
        """Make a task of each submission: all rows first, then all messages.

        A worker so never meets a task that has no row. What a crash between the two leaves behind
        ends at its deadline, or is healed by a replay: the same owner, key and submissions give the
        same tasks, and those that are not final are sent once more.

        Raises:
            KeyReused: the idempotency key came before with other submissions.
            TaskExpired: the key outlived a task that it stands for.
            Unavailable: the table or a queue refused; submitting again is safe.
        """
        tasks = [self._new_task(owner, submission) for submission in submissions]
        if idempotency_key:
            tasks = self._create_once(owner, idempotency_key, submissions, tasks)
        else:
            self.store.create(tasks)
        self._send(tasks)
        return tasks

    def _create_once(
        self, owner: str, name: str, submissions: Sequence[Submission], tasks: list[Task]
    ) -> list[Task]:
        """Return the tasks that the key stands for: these, or those it stood for already."""
        key = SubmissionKey(
            key_id="key#" + _digest([owner, name]),
            fingerprint=_digest([asdict(submission) for submission in submissions]),
            task_ids=tuple(task.task_id for task in tasks),
            expires_at=tasks[0].expires_at,
        )
        standing = self.store.create_once(key, tasks, self.clock())
        if standing is None:
            return tasks
        if standing.fingerprint != key.fingerprint:
            raise KeyReused
        return self.fetch_many(owner, standing.task_ids)

    def _send(self, tasks: Sequence[Task]) -> None:
        waiting = [task for task in tasks if not task.is_final]
        for priority, queue in self.queues.items():
            messages = [TaskMessage.of(task) for task in waiting if task.priority is priority]
            if messages:
                queue.send(messages)
        for task in waiting:
            logger.info("Submitted", extra={"task_id": task.task_id})

    def _new_task(self, owner: str, submission: Submission) -> Task:
        now = self.clock()
        return Task(
            task_id=self.new_id(now),
            owner=owner,
            input=submission.input,
            created_at=now,
            deadline=now + (submission.deadline or self.deadline),
            expires_at=now + self.retention,
            priority=submission.priority,
        )

    def fetch(self, owner: str, task_id: str) -> Task:
        """Return the task as `fetch_many` does."""
        return self.fetch_many(owner, [task_id])[0]

    def fetch_many(self, owner: str, task_ids: Sequence[str]) -> list[Task]:
        """Return the tasks as they are now, in that order; one past its deadline ends here.

        Raises:
            TaskNotFound: there is no such task, or it is somebody else's.
            TaskExpired: an id is older than the retention.
            Unavailable: the table did not answer.
        """
        now = self.clock()
        tasks = self._read(owner, task_ids, now)
        late = [t for t in tasks if not t.is_final and t.deadline <= now]
        if not late:
            return tasks
        for task in late:
            self.store.finish(task.task_id, Outcome(Status.FAIL, now, error=deadline_exceeded()))
        return self._read(owner, task_ids, now)

    def cancel(self, owner: str, task_id: str) -> Task:
        """End the task as CANCELLED.

        Raises:
            TaskFinished: it has a final status already.
            TaskNotFound: there is no such task, or it is somebody else's.
            TaskExpired: the id is older than the retention.
            Unavailable: the table did not answer.
        """
        task = self.fetch(owner, task_id)
        outcome = Outcome(Status.CANCELLED, self.clock())
        ended = task.end(outcome)
        if not self.store.finish(task_id, outcome):
            raise TaskFinished(self.fetch(owner, task_id))
        return ended

    def _read(self, owner: str, task_ids: Sequence[str], now: float) -> list[Task]:
        for task_id in task_ids:
            if (submitted := submitted_at(task_id)) is None:
                raise TaskNotFound
            if submitted + self.retention <= now:
                raise TaskExpired
        if len(task_ids) == 1:  # GetItem is the cheaper call, and the common one
            found = [self.store.get(task_ids[0])]
        else:
            by_id = self.store.get_many(task_ids)
            found = [by_id.get(task_id) for task_id in task_ids]
        tasks = [task for task in found if task is not None and task.owner == owner]
        if len(tasks) < len(task_ids):
            raise TaskNotFound
        return tasks


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def deadline_exceeded() -> TaskError:
    """Make the error of a task that no worker finished in time."""
    return TaskError(
        ErrorType.DEADLINE_EXCEEDED,
        "No worker finished this task before its deadline; submit it again.",
        retryable=True,
    )
