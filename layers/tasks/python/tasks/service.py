"""The use cases of a caller: submit, fetch and cancel tasks."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tasks.errors import KeyReused, TaskExpired, TaskFinished, TaskNotFound, TooManyTasks
from tasks.failure_log import trace_fields
from tasks.ids import new_task_id, submitted_at
from tasks.messages import TaskMessage
from tasks.task import DEADLINE_EXCEEDED, IdempotencyRecord, Lane, Outcome, Status, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasks.ports import SubmissionQueue, TaskStore
    from tasks.task import JsonObject

# A DynamoDB transaction writes at most 100 items; the idempotency record is one of them.
MAX_TASKS_WITH_KEY: Final = 99

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Submission:
    """A request for one task.

    Attributes:
        input: the input of the task.
        lane: the queue in which the task waits.
        deadline: in seconds from now; None for the default of the deployment.
        sent: what the caller sent, in a normal form, by which a repetition is recognised although
            the deployment now understands it in another way; None if only the meaning counts.
        webhook: the URL that is called when the task ends, or None.
        metadata: pairs of the owner's own, which the result repeats.
        traceparent: the caller's position in a trace (W3C Trace Context), or None. A repetition
            with an idempotency key may have another one.
    """

    input: JsonObject
    lane: Lane = Lane.INTERACTIVE
    deadline: int | None = None
    sent: JsonObject | None = None
    webhook: str | None = None
    metadata: dict[str, str] | None = None
    traceparent: str | None = None


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
        tasks = [self._new_task(owner, submission) for submission in submissions]
        if idempotency_key:
            tasks = self._create_once(owner, idempotency_key, submissions, tasks)
        else:
            self.store.create(tasks)
        self._send(tasks)
        return tasks

    def _create_once(
        self, owner: str, key: str, submissions: Sequence[Submission], tasks: list[Task]
    ) -> list[Task]:
        """Create the tasks, or return those that the key already stands for."""
        if len(tasks) > MAX_TASKS_WITH_KEY:
            raise TooManyTasks(MAX_TASKS_WITH_KEY)
        record = IdempotencyRecord(
            record_id=_record_id(owner, key),
            fingerprint=_fingerprint(submissions),
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
        record = self.store.get_record(_record_id(owner, idempotency_key), self.clock())
        if record is None or not record.is_for(_digest_of_sent(sent)):
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

    def _new_task(self, owner: str, submission: Submission) -> Task:
        now = self.clock()
        return Task(
            task_id=self.new_id(now),
            owner=owner,
            input=submission.input,
            created_at=now,
            deadline=now + (submission.deadline or self.deadline),
            expires_at=now + self.retention,
            lane=submission.lane,
            webhook=submission.webhook,
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
        late = [task for task in tasks if not task.is_final and task.deadline <= now]
        if not late:
            return tasks
        for task in late:
            self.store.finish(task.task_id, Outcome(Status.FAIL, now, error=DEADLINE_EXCEEDED))
        return self._read(owner, task_ids, now)

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


def _record_id(owner: str, key: str) -> str:
    return "key#" + _digest([owner, key])


def _fingerprint(submissions: Sequence[Submission]) -> str:
    """Return a digest of what the submissions mean, and one of what was sent, if that is known."""
    meaning = [_meaning(submission) for submission in submissions]
    sent = [submission.sent for submission in submissions if submission.sent is not None]
    digests = [_digest(meaning)]
    if len(sent) == len(submissions):
        digests.append(_digest_of_sent(sent))
    return " ".join(digests)


def _meaning(submission: Submission) -> JsonObject:
    meaning: JsonObject = {
        "input": submission.input,
        "lane": submission.lane,
        "deadline": submission.deadline,
    }
    # Earlier versions did not have these, and their fingerprints stay valid.
    added = {"webhook": submission.webhook, "metadata": submission.metadata}
    return meaning | {name: value for name, value in added.items() if value is not None}


def _digest_of_sent(sent: Sequence[JsonObject]) -> str:
    return _digest({"sent": sent})


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
