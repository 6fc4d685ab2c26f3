"""The use cases of a caller: submit, fetch, cancel and retry tasks."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.batch_ids import batch_id_of
from tasks.errors import (
    KeyReused,
    RetryRefused,
    TaskExpired,
    TaskFinished,
    TaskNotFound,
    TooManyTasks,
)
from tasks.failure_log import trace_fields
from tasks.ids import ids_of_array, new_task_id, submitted_at
from tasks.messages import TaskMessage
from tasks.submission import Submission, digest_of_sent, fingerprint_of, record_id_of
from tasks.task import DEADLINE_EXCEEDED, IdempotencyRecord, Lane, Outcome, Status, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasks.ports import SubmissionQueue, TaskStore
    from tasks.task import JsonObject

# A DynamoDB transaction writes at most 100 items; the idempotency record is one of them.
MAX_TASKS_WITH_KEY: Final = 99
RETRY_PREFIX: Final = "retry#"  # of the ids of the records that link a task to its retry
RETRIED: Final = (Status.FAIL, Status.CANCELLED)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaskService:
    """The life of a task as its owner sees it. `retention` and `deadline` are in seconds."""

    store: TaskStore
    queues: Mapping[Lane, SubmissionQueue]
    retention: int
    deadline: int
    clock: Callable[[], float] = time.time
    new_id: Callable[[float], str] = new_task_id

    def submit(
        self, owner: str, submissions: Sequence[Submission], idempotency_key: str = ""
    ) -> list[Task]:
        """Create a task for each submission: first all rows, then all messages.

        A worker therefore never receives a task without a row. If the process crashes between the
        two steps, a replay repairs it: the same owner, key and submissions return the same tasks,
        and those that are not final are sent again. Without a key, the row remains until it
        expires.

        Raises:
            TooManyTasks: one idempotency key cannot stand for this many tasks.
            KeyReused: the idempotency key was used before with other submissions.
            TaskExpired: a task of the idempotency key is past its retention.
            Unavailable: the table or a queue refused; submitting again is safe.
        """
        tasks = self._new_tasks(owner, submissions, idempotency_key)
        if idempotency_key:
            if len(tasks) > MAX_TASKS_WITH_KEY:
                raise TooManyTasks(MAX_TASKS_WITH_KEY)
            record_id = record_id_of(owner, idempotency_key)
            tasks = self._create_once(owner, record_id, fingerprint_of(submissions), tasks)
        else:
            self.store.create(tasks)
        self._send(tasks)
        return tasks

    def _create_once(
        self, owner: str, record_id: str, fingerprint: str, tasks: list[Task]
    ) -> list[Task]:
        """Create the tasks, or return those that the record already stands for."""
        record = IdempotencyRecord(
            record_id=record_id,
            fingerprint=fingerprint,
            task_ids=tuple(task.task_id for task in tasks),
            expires_at=tasks[0].expires_at,
        )
        existing = self.store.create_once(record, tasks, self.clock())
        if existing is None:
            return tasks
        if not existing.is_for(record.fingerprint):
            raise KeyReused
        return self.fetch_many(owner, existing.task_ids)

    def replay(
        self, owner: str, sent: Sequence[JsonObject], idempotency_key: str
    ) -> list[Task] | None:
        """Repeat a submission that the deployment would refuse today, such as an unknown name.

        Returns None if the key was not used before, or with another request.

        Raises:
            TaskExpired: a task of the idempotency key is past its retention.
            Unavailable: the table or a queue refused; replaying again is safe.
        """
        record = self.store.get_record(record_id_of(owner, idempotency_key), self.clock())
        if record is None or not record.is_for(digest_of_sent(sent)):
            return None
        tasks = self.fetch_many(owner, record.task_ids)
        self._send(tasks)
        return tasks

    def _send(self, tasks: Sequence[Task]) -> None:
        unfinished = [task for task in tasks if not task.is_final]
        for lane, queue in self.queues.items():
            messages = [TaskMessage.of(task) for task in unfinished if task.lane is lane]
            if messages:
                queue.send(messages)
        for task in unfinished:
            logger.info("Submitted", extra=trace_fields(task.task_id, task.traceparent))

    def _new_tasks(
        self, owner: str, submissions: Sequence[Submission], idempotency_key: str = ""
    ) -> list[Task]:
        """Return a task for each submission; several of them are a batch."""
        now = self.clock()
        if len(submissions) == 1:
            return [self._new_task(owner, submissions[0], self.new_id(now), now)]
        ids = ids_of_array(self.new_id(now), len(submissions))
        batch_id = batch_id_of(owner, ids, idempotency_key)
        return [
            self._new_task(owner, submission, task_id, now, batch_id)
            for submission, task_id in zip(submissions, ids, strict=True)
        ]

    def _new_task(
        self, owner: str, submission: Submission, task_id: str, now: float, batch_id: str = ""
    ) -> Task:
        return Task(
            task_id=task_id,
            owner=owner,
            input=submission.input,
            created_at=now,
            deadline=now + (submission.deadline or self.deadline),
            expires_at=now + self.retention,
            lane=submission.lane,
            webhook=submission.webhook,
            batch_id=(batch_id or None) if submission.webhook else None,
            metadata=submission.metadata,
            traceparent=submission.traceparent,
        )

    def fetch(self, owner: str, task_id: str) -> Task:
        """Return one task; see `fetch_many`."""
        return self.fetch_many(owner, [task_id])[0]

    def fetch_many(self, owner: str, task_ids: Sequence[str]) -> list[Task]:
        """Return the current tasks in the given order. A task past its deadline ends here.

        Raises:
            TaskNotFound: a task does not exist, or belongs to someone else.
            TaskExpired: an id is older than the retention.
            Unavailable: the table did not answer.
        """
        now = self.clock()
        tasks = self._read(owner, task_ids, now)
        return self._read(owner, task_ids, now) if self._end_late(tasks, now) else tasks

    def fetch_existing(self, owner: str, task_ids: Sequence[str]) -> dict[str, Task]:
        """Return the current tasks by id, without those that `fetch_many` would not find.

        Raises:
            Unavailable: the table did not answer.
        """
        tasks = [task for task in self.store.get_many(task_ids).values() if task.owner == owner]
        found = {task.task_id: task for task in tasks}
        return self.store.get_many(list(found)) if self._end_late(tasks, self.clock()) else found

    def _end_late(self, tasks: Sequence[Task], now: float) -> bool:
        """End the tasks that are past their deadline; return whether there are any."""
        late = [task for task in tasks if not task.is_final and task.deadline <= now]
        for task in late:
            self.store.finish(task.task_id, Outcome(Status.FAIL, now, error=DEADLINE_EXCEEDED))
        return bool(late)

    def cancel(self, owner: str, task_id: str) -> Task:
        """End a task as CANCELLED.

        Raises:
            TaskFinished: the task already has a final status.
            TaskNotFound: the task does not exist, or belongs to someone else.
            TaskExpired: the id is older than the retention.
            Unavailable: the table did not answer.
        """
        task = self.fetch(owner, task_id)
        outcome = Outcome(Status.CANCELLED, self.clock())
        cancelled = task.end(outcome)
        if not self.store.finish(task_id, outcome):
            raise TaskFinished(self.fetch(owner, task_id).status)
        return cancelled

    def retry(self, owner: str, task_id: str, traceparent: str | None = None) -> Task:
        """Submit the input of a task that failed or was cancelled again, as a new task.

        A record links the two, so that a repetition returns the same new task, and sends it again
        if it is not final. The row of the first task stays as it is. `traceparent` is that of this
        request.

        Raises:
            RetryRefused: the task neither failed nor was cancelled.
            TaskNotFound: the task does not exist, or belongs to someone else.
            TaskExpired: the id is older than the retention.
            Unavailable: the table or a queue refused; retrying again is safe.
        """
        first = self.fetch(owner, task_id)
        if first.status not in RETRIED:
            raise RetryRefused(first.status)
        new = self._new_tasks(owner, [self._submission_of(first, traceparent)])
        tasks = self._create_once(owner, RETRY_PREFIX + task_id, task_id, new)
        self._send(tasks)
        return tasks[0]

    def _submission_of(self, task: Task, traceparent: str | None = None) -> Submission:
        """Return a submission of the same task, with as much time as it had."""
        return Submission(
            task.input,
            task.lane,
            min(round(task.deadline - task.created_at), self.deadline),
            webhook=task.webhook,
            metadata=task.metadata,
            traceparent=traceparent,
        )

    def retry_after(self, tasks: Sequence[Task]) -> int:
        """Return the seconds (at least 1) after which it is worth asking for these tasks again.

        By then the last task may be done, or the first deadline has passed.
        """
        unfinished = [task for task in tasks if not task.is_final]
        if not unfinished:
            return 1
        latest: dict[Lane, float] = {}
        for task in unfinished:
            latest[task.lane] = max(task.created_at, latest.get(task.lane, -math.inf))
        done_in = max(self.queues[lane].retry_after(created) for lane, created in latest.items())
        deadline_in = math.ceil(min(task.deadline for task in unfinished) - self.clock())
        return max(1, min(done_in, deadline_in))

    def _read(self, owner: str, task_ids: Sequence[str], now: float) -> list[Task]:
        for task_id in task_ids:
            if (submitted := submitted_at(task_id)) is None:
                raise TaskNotFound
            if submitted + self.retention <= now:
                raise TaskExpired
        if len(task_ids) == 1:  # GetItem is cheaper than BatchGetItem, and this is the common case
            found = [self.store.get(task_ids[0])]
        else:
            by_id = self.store.get_many(task_ids)
            found = [by_id.get(task_id) for task_id in task_ids]
        tasks = [task for task in found if task is not None and task.owner == owner]
        if len(tasks) < len(task_ids):
            raise TaskNotFound
        return tasks
