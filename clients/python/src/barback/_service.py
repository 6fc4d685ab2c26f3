"""What both clients do, written once: submitting, waiting, documents."""

from __future__ import annotations

import json
import math
import uuid
from typing import TYPE_CHECKING, Any, Final, TypeVar

from barback import _requests as calls
from barback._drink import chunks
from barback._endpoint import check_header, read
from barback._errors import (
    ApiError,
    BarbackError,
    TaskCancelled,
    TaskFailed,
    TimedOut,
)
from barback._responses import Ingredient, Line, Queue, Result, Status, Task
from barback._retries import retry_after_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import httpx2

    from barback._drink import Drink
    from barback._session import Exchange

T = TypeVar("T")

WAIT: Final = 30.0  # seconds for an answer, unless the caller says otherwise
MAX_WAIT: Final = 20  # seconds: as long as the service waits, unless it is deployed otherwise
POLL: Final = 1.0  # seconds from one look to the next where the service says nothing of it
CANCELLED_ALREADY: Final = ("urn:barback:problem:already-finished", Status.CANCELLED)


class Service:
    """The service as a caller sees it. `wait` is in seconds, from the call to the task's end."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._io = exchange.io

    async def answer(self, drink: Drink, wait: float) -> Result:
        """Submit a drink and return its result.

        Raises:
            TaskFailed: the task failed.
            TaskCancelled: somebody cancelled it.
            TimedOut: it was not finished in time.
        """
        until = self._io.now() + wait
        [body] = chunks(drink)
        call = calls.process(body, _new_key(), self._hold(until))
        response = await self._exchange.make(call, until)
        result = read(response, _one(Result.of))
        if not result.is_final:
            await self._pause(response, until)
            result = await self.result(result.task_id, until - self._io.now())
        return _succeeded(result)

    async def submit(self, drinks: Drink | Iterable[Drink], idempotency_key: str) -> list[Task]:
        """Submit drinks; an error that comes after the first part of them has its tasks."""
        key = idempotency_key or _new_key()
        check_header("idempotency key", key)
        tasks: list[Task] = []
        for number, chunk in enumerate(chunks(drinks)):
            call = calls.process(chunk, f"{key}.{number}" if number else key)
            try:
                response = await self._exchange.make(call)
                tasks += read(response, _many(Task.of))
            except BarbackError as error:
                _place(error, tasks)
                raise
        return tasks

    async def result(self, task_id: str, wait: float) -> Result:
        """Return the result, or after `wait` where the task stands."""
        until = self._io.now() + wait
        while True:
            hold = self._hold(until)
            response = await self._exchange.make(
                calls.result(task_id, hold), until if hold else math.inf
            )
            result = read(response, Result.of)
            if result.is_final or self._io.now() >= until:
                return result
            await self._pause(response, until)

    async def status(self, task_id: str) -> Task:
        """Return where the task stands."""
        return read(await self._exchange.make(calls.status(task_id)), Task.of)

    async def cancel(self, task_id: str) -> Task:
        """Cancel the task; one that is cancelled already stays so without an error."""
        try:
            return read(await self._exchange.make(calls.cancel(task_id)), Task.of)
        except ApiError as error:
            if (error.type, error.problem.get("task_status")) != CANCELLED_ALREADY:
                raise
            return Task(task_id, Status.CANCELLED)

    async def ingredients(self, part: str, limit: int | None) -> list[Ingredient]:
        """List the ingredients whose names have that part."""
        response = await self._exchange.make(calls.ingredients(part, limit))
        return read(response, _many(Ingredient.of))

    async def queue(self) -> dict[str, Queue]:
        """Return how busy each queue is."""
        response = await self._exchange.make(calls.queue())
        return read(response, lambda body: {name: Queue.of(body[name]) for name in body})

    async def submit_document(
        self, content: bytes, form: str, defaults: Drink, idempotency_key: str
    ) -> Task:
        """Upload a document and submit it as one task.

        Raises:
            ValueError: the defaults have ingredients, which only a line can have.
        """
        if defaults.ingredients:
            raise ValueError("Leave ingredients out of the defaults; each line has its own.")
        key = idempotency_key or _new_key()
        check_header("idempotency key", key)
        response = await self._exchange.make(calls.new_document(len(content), form))
        document, upload = read(response, lambda body: (body["document"], body["upload"]))
        await self._exchange.make(calls.upload(upload, content))
        options = defaults.to_json()
        del options["ingredients"]
        call = calls.process({"document": document, **options}, key)
        return read(await self._exchange.make(call), _one(Task.of))

    async def lines(self, result: Result) -> list[Line]:
        """Download the answers to the lines of a document."""
        if result.document is None:
            raise ValueError("Only the result of a document that succeeded has lines.")
        response = await self._exchange.make(calls.download(result.document.url))
        return read(response, _many(Line.of), load=_json_lines)

    def _hold(self, until: float) -> int:
        """Return the whole seconds for which the service may keep a request waiting."""
        return math.ceil(max(0.0, min(until - self._io.now(), MAX_WAIT)))

    async def _pause(self, response: httpx2.Response, until: float) -> None:
        pause = retry_after_of(response)
        rest = until - self._io.now()
        await self._io.sleep(max(0.0, min(POLL if pause is None else pause, rest)))


def id_of(task: Task | str) -> str:
    """Return the id of a task that is given as it is, or by its id."""
    return task if isinstance(task, str) else task.task_id


def _new_key() -> str:
    return str(uuid.uuid4())


def _many(parse: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    return lambda body: [parse(entry) for entry in body]


def _one(parse: Callable[[Any], T]) -> Callable[[Any], T]:
    def only(body: Any) -> T:
        [entry] = body
        return parse(entry)

    return only


def _json_lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]


def _place(error: BarbackError, tasks: list[Task]) -> None:
    """Count an error's index from the first drink, and give it the tasks before."""
    error.tasks = tuple(tasks)
    if isinstance(error, ApiError) and error.index is not None:
        error.index += len(tasks)


def _succeeded(result: Result) -> Result:
    match result.status:
        case Status.SUCCESS:
            return result
        case Status.FAIL:
            raise TaskFailed(result)
        case Status.CANCELLED:
            raise TaskCancelled(result)
        case Status.PROCESSING:
            raise TimedOut(result)
