"""The requests of an owner, each answer of which is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from infra.simulation.events import Answered
from infra.simulation.scheduler import ProcessDied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from infra.simulation.api import Api
    from infra.simulation.stack import Stack
    from tasks.service import TaskService
    from tasks.task import Task

ESTIMATES: Final = 0.1  # share of the reads of unfinished tasks that ask for a Retry-After


class Requests:
    """Makes the requests of an owner."""

    def __init__(self, stack: Stack, api: Api, owner: str) -> None:
        self._stack = stack
        self._api = api
        self._owner = owner

    def ask(
        self,
        request: str,
        task_id: str,
        use: Callable[[TaskService, Any], Any],
        *,
        kind: str = "",
        detail: Any = None,
        **facts: Any,
    ) -> Any:
        """Make a request; note the answer and return it, or the name of the error.

        Args:
            request: its name in the history.
            task_id: the task that it is about, or "".
            use: uses the service and the files.
            kind: the name of its span, if it is not that of the request.
            detail: is noted with an error, and with the tasks of a submission.
            facts: further facts of its span, such as its size.
        """
        began = self._stack.scheduler.now
        answer = _answer_of(lambda: self._api.request(kind or request, use, **facts))
        if isinstance(answer, str):
            self._note(request, task_id, answer, began, detail)
            return answer
        for task in answer if isinstance(answer, list) else [answer]:
            self._note(request, task.task_id, task.status, began, task if task_id else detail)
        return answer

    def redeliver(self, request: str, owner: str, task_id: str) -> str:
        """Start the delivery of a task again; return its state, or the name of the error."""
        began = self._stack.scheduler.now
        answer = _answer_of(lambda: self._api.redeliver(request, owner, task_id))
        state: str = answer if isinstance(answer, str) else answer.state
        self._note(request, task_id, state, began, None)
        return state

    def read(self, ids: Sequence[str]) -> Any:
        """Read tasks, and sometimes how long to wait; return them, or the name of the error."""

        def use(service: TaskService, _documents: Any) -> list[Task]:
            found = service.fetch_many(self._owner, ids)
            unfinished = [task for task in found if not task.is_final]
            if unfinished and self._stack.random.random() < ESTIMATES:
                seconds = service.retry_after(found)
                now = self._stack.scheduler.now
                next_to_end = min(unfinished, key=lambda task: task.deadline)
                self._note("retry-after", next_to_end.task_id, str(seconds), now, next_to_end)
            return found

        return self.ask("read", ids[0], use, size=len(ids))

    def _note(self, request: str, task_id: str, answer: str, since: float, detail: Any) -> None:
        now = self._stack.scheduler.now
        event = Answered(now, self._owner, request, task_id, answer, since, detail)
        self._stack.history.answered(event)


def _answer_of(call: Callable[[], Any]) -> Any:
    """Return the answer, or the name of the error; the checker decides whether it is allowed."""
    try:
        return call()
    except ProcessDied:
        return "ProcessDied"
    except Exception as error:  # noqa: BLE001 - any error is an answer
        return type(error).__name__
