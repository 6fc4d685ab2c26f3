"""The callers: they submit, replay, cancel, retry, redeliver, poll and intrude."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from functions.api.blocking import run_inline
from functions.api.long_polling import wait_until_final
from infra.simulation.events import Accepted, Listed
from infra.simulation.faults import MAX_SKEW, Fault
from infra.simulation.requests import Requests
from infra.simulation.stack import OTHERS
from infra.simulation.workload import OWNERS
from tasks.batch_ids import batch_id_of
from tasks.document_keys import SCHEME, upload_key
from tasks.ids import new_task_id
from tasks.submission import Submission
from tasks.task import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from infra.simulation.api import Api
    from infra.simulation.stack import Stack
    from infra.simulation.workload import Operation
    from tasks.service import TaskService
    from tasks.task import Task

ATTEMPTS: Final = 8  # of a submission or cancel, with growing pauses
FIRST_PAUSE: Final = 0.5  # seconds
LONGEST_PAUSE: Final = 60.0
LONG_POLL: Final = 3.0
PAGE: Final = 7  # tasks
UNSURE: Final = ("Unavailable", "ProcessDied")  # the caller may ask again


class Caller:
    """The caller of one operation."""

    def __init__(self, stack: Stack, api: Api, operation: Operation) -> None:
        self._stack = stack
        self._operation = operation
        self._requests = Requests(stack, api, operation.owner)
        self._name = ""  # of the document, as the task has it
        self._batch = ""

    def run(self) -> None:
        """Submit, and start everything that follows."""
        operation = self._operation
        self._upload()
        for seconds in operation.replays:
            self._later("replay", seconds, lambda: self._submit("replay"))
        tasks = self._submit("submit")
        if not tasks:
            return
        if operation.with_other_body:
            self._later("replay", 1.0, self._replay_with_other_body)
        if operation.cancelled_after is not None:
            first = tasks[0].task_id
            self._later("cancel", operation.cancelled_after, lambda: self._cancel(first))
        for seconds in operation.batch_cancelled_after:
            self._later("cancel batch", seconds, self._cancel_batch)
        for seconds in operation.retried_after:
            self._later("retry", seconds, lambda: self._retry(tasks[0]))
        for seconds in operation.redelivered_after:
            self._later("redeliver", seconds, lambda: self._redeliver(tasks[0].task_id))
        if operation.listed_after is not None:
            self._later("list", operation.listed_after, self._list)
        if operation.intruded_after is not None:
            self._later("intrude", operation.intruded_after, lambda: self._intrude(tasks))
        self._poll(tasks)

    def _later(self, name: str, seconds: float, act: Callable[[], object]) -> None:
        def run() -> None:
            self._stack.scheduler.sleep(seconds)
            act()

        self._stack.scheduler.spawn(f"{name} by {self._operation.owner}", run)

    def _upload(self) -> None:
        """Put the document into its bucket, and perhaps another one over it later."""
        document = self._operation.document
        if document is None or document.source == "lines":
            return
        document_id = new_task_id(self._stack.scheduler.now, self._stack.random.randbytes)
        key = upload_key(self._operation.owner, document_id, "text")
        self._name = f"s3://{OTHERS.places[-1]}/{key}" if document.source == "other" else key
        if not document.missing:
            self._put(document.content)
        if document.overwritten_after is not None:
            self._later("upload", document.overwritten_after, self._overwrite)

    def _put(self, content: bytes) -> None:
        self._stack.bucket.put(self._name, content)

    def _overwrite(self) -> None:
        document, nemesis = self._operation.document, self._stack.nemesis
        if document is not None and Fault.OVERWRITTEN in nemesis.profile.intervals:
            nemesis.note(Fault.OVERWRITTEN, self._name)
            self._put(document.later_content)

    def _submissions(self) -> tuple[Submission, ...]:
        given = self._operation.submissions
        if self._operation.document is None:
            return given
        fields = {"document": self._name, "language": "en", "defaults": {}}
        return tuple(replace(submission, input=fields) for submission in given)

    def _submit(self, request: str) -> list[Task]:
        """Submit until there is an answer, or all attempts are used up."""
        operation, document = self._operation, self._operation.document
        inline = None
        if document is not None and document.source == "lines":
            inline = self._stack.parts.inline_document(operation.owner, document.lines)
            self._name = inline.key
        submissions = self._submissions()

        def use(service: TaskService, documents: Any) -> list[Task]:
            if inline is not None:
                inline.write(documents)
            elif document is not None:
                self._named(documents, operation.owner)
            return service.submit(operation.owner, submissions, operation.key)

        for attempt in range(ATTEMPTS):
            tasks = self._ask(request, "", use, "submit")
            if isinstance(tasks, list):
                self._note_accepted(tasks, submissions, operation.key)
                self._note_batch(tasks)
                return tasks
            if tasks not in UNSURE:
                break
            self._pause(attempt)
        return []

    def _named(self, documents: Any, owner: str, name: str = "") -> str:
        """Return the name of a document for the worker, if the owner may read it."""
        name = name or self._name
        uri = name if name.startswith(SCHEME) else documents.uri(name)
        return self._stack.parts.document_name(documents, OTHERS, owner, uri)

    def _note_accepted(
        self, tasks: Sequence[Task], submissions: Sequence[Submission], key: str
    ) -> None:
        now = self._stack.scheduler.now
        for task, submission in zip(tasks, submissions, strict=True):
            accepted = Accepted(task, submission, key, now)
            self._stack.history.accepted.setdefault(task.task_id, accepted)

    def _note_batch(self, tasks: Sequence[Task]) -> None:
        operation, ids = self._operation, [task.task_id for task in tasks]
        self._batch = batch_id_of(operation.owner, ids, operation.key)
        self._stack.history.batches.setdefault(self._batch, ids)

    def _replay_with_other_body(self) -> None:
        operation = self._operation
        other = replace(operation.submissions[0], input={"ingredients": ["milk"], "top_k": 7})
        bodies = (other, *operation.submissions[1:])
        self._ask(
            "other body",
            "",
            lambda service, _documents: service.submit(operation.owner, bodies, operation.key),
            "submit",
        )

    def _cancel(self, task_id: str) -> None:
        owner = self._operation.owner
        for attempt in range(ATTEMPTS):
            answer = self._ask(
                "cancel", task_id, lambda service, _documents: service.cancel(owner, task_id)
            )
            if answer not in UNSURE:
                return
            self._pause(attempt)

    def _cancel_batch(self) -> None:
        for attempt in range(ATTEMPTS):
            if self._ask_batch("cancel batch") not in UNSURE:
                return
            self._pause(attempt)

    def _ask_batch(self, request: str) -> Any:
        """Read the tasks of the batch, or cancel those that are not final."""
        use = self._batch_request(request, self._operation.owner)
        size = len(self._operation.submissions)
        return self._requests.ask(request, "", use, detail=self._batch, size=size)

    def _batch_request(self, request: str, owner: str) -> Callable[[TaskService, Any], list[Task]]:
        def use(service: TaskService, _documents: Any) -> list[Task]:
            batches = self._stack.parts.batches(service)
            call = batches.fetch if request == "batch" else batches.cancel
            return call(owner, self._batch)

        return use

    def _list(self) -> None:
        """Read all pages of the list of the owner's tasks."""
        owner, scheduler = self._operation.owner, self._stack.scheduler
        began = scheduler.now

        def use(service: TaskService, _documents: Any) -> list[Task]:
            listing = self._stack.parts.task_list(service)
            page = listing.page(owner, PAGE)
            found = page.tasks
            while page.cursor:
                page = listing.page(owner, PAGE, cursor=page.cursor)
                found += page.tasks
            return found

        tasks = self._requests.ask("list", "", use)
        if isinstance(tasks, list):
            ids = [task.task_id for task in tasks]
            self._stack.history.lists.append(Listed(owner, began, scheduler.now, ids))

    def _retry(self, first: Task) -> None:
        """Retry a task, and follow the new one."""
        owner = self._operation.owner
        for attempt in range(ATTEMPTS):
            found = self._requests.ask(
                "retry",
                "",
                lambda service, _documents: service.retry(owner, first.task_id),
                detail=first.task_id,
            )
            if not isinstance(found, str):
                self._note_accepted([found], self._submissions()[:1], key="")
                self._poll([found], is_retry=True)
                return
            if found not in UNSURE:
                return
            self._pause(attempt)

    def _redeliver(self, task_id: str) -> None:
        for attempt in range(ATTEMPTS):
            answer = self._requests.redeliver("redeliver", self._operation.owner, task_id)
            if answer not in UNSURE:
                return
            self._pause(attempt)

    def _intrude(self, tasks: Sequence[Task]) -> None:
        """Ask for someone else's task, cancel and deliver it, and submit someone else's document.

        The files of the listed buckets belong to nobody, so those of another place are tried.
        """
        intruder = next(name for name in OWNERS if name != self._operation.owner)
        task_id = tasks[0].task_id
        self._ask("intrude", task_id, lambda service, _documents: service.fetch(intruder, task_id))
        self._ask("intrude", task_id, lambda service, _documents: service.cancel(intruder, task_id))
        self._ask("intrude", task_id, lambda service, _documents: service.retry(intruder, task_id))
        self._requests.redeliver("intrude", intruder, task_id)
        if len(tasks) > 1:
            cancel = self._batch_request("cancel batch", intruder)
            self._ask("intrude", task_id, cancel)
        if self._operation.document is not None:
            self._ask("intrude", task_id, self._submit_as(intruder))

    def _submit_as(self, intruder: str) -> Callable[[TaskService, Any], Any]:
        own = self._name.replace(f"{SCHEME}{OTHERS.places[-1]}/", f"{SCHEME}archive/private/")

        def use(service: TaskService, documents: Any) -> Any:
            name = self._named(documents, intruder, own)
            fields = {"document": name, "language": "en", "defaults": {}}
            return service.submit(intruder, [Submission(fields, Lane.DOCUMENT)])

        return use

    def _ask(
        self,
        request: str,
        task_id: str,
        use: Callable[[TaskService, Any], Any],
        kind: str = "",
    ) -> Any:
        key, size = self._operation.key, len(self._operation.submissions)
        document = self._operation.document
        has_lines = document is not None and document.source == "lines"
        facts = {"size": size, "key": key, "has_lines": has_lines}
        return self._requests.ask(request, task_id, use, kind=kind, detail=(key, size), **facts)

    def _pause(self, attempt: int) -> None:
        seconds = min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
        self._stack.scheduler.sleep(seconds * self._stack.random.uniform(0.5, 1))

    def _poll(self, tasks: Sequence[Task], *, is_retry: bool = False) -> None:
        """Read the tasks until all are final, or until they must be."""
        if self._operation.polling == "never":
            return
        scheduler = self._stack.scheduler
        latest = max(task.deadline for task in tasks) + 3 * MAX_SKEW
        attempt = 0
        while tasks and scheduler.now < latest:
            self._pause(attempt)
            attempt += 1
            ids = [task.task_id for task in tasks]
            if self._operation.polling == "wait":
                found = self._ask("wait", ids[0], self._wait_for(tasks))
            elif self._operation.polling == "batch" and not is_retry:
                found = self._ask_batch("batch")
            else:
                found = self._requests.read(ids)
            if isinstance(found, list):
                tasks = [task for task in found if not task.is_final]

    def _wait_for(self, tasks: Sequence[Task]) -> Callable[[TaskService, Any], list[Task]]:
        scheduler = self._stack.scheduler

        async def pause(seconds: float) -> bool:
            scheduler.sleep(seconds)
            return False

        def use(service: TaskService, _documents: Any) -> list[Task]:
            waiting = wait_until_final(
                service, tasks, LONG_POLL, run_inline, pause, lambda: scheduler.now
            )
            return _drive(waiting)

        return use


def _drive(waiting: Coroutine[Any, Any, list[Task]]) -> list[Task]:
    """Run a coroutine whose pauses take virtual time."""
    try:
        waiting.send(None)
    except StopIteration as ended:
        tasks: list[Task] = ended.value
        return tasks
    raise RuntimeError("The coroutine waits for something outside the simulation.")
