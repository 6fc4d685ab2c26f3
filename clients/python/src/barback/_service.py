"""The shared part of both clients: submitting, waiting for results, documents."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from barback._catalog import Group, Ingredient, QueueLoad
from barback._drink import Drink
from barback._errors import ApiError, BarbackError, add_progress, require_success
from barback._parsing import decode_json_lines, list_of, parse_response, single
from barback._requests import (
    batches,
    cancel_request,
    download_request,
    groups_request,
    ingredients_request,
    new_document_request,
    queue_request,
    result_request,
    status_request,
    submit_request,
    upload_request,
)
from barback._responses import LineResult, Result, Status, Task
from barback._retries import retry_after_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import httpx2

    from barback._input import AnyInput
    from barback._requests import SubmitOptions
    from barback._session import Session

DEFAULT_WAIT: Final = 30.0  # seconds to wait for a suggestion
MAX_SERVER_WAIT: Final = 20  # seconds: the service's default limit for one request
TOLERANCE: Final = 0.05  # seconds by which a wait may be too long, so that 0.999 s is one second
PROGRESS_INTERVAL: Final = 2  # seconds: the service updates a document's progress this often
POLL_INTERVAL: Final = 1.0  # seconds, if a response has no Retry-After
ALREADY_CANCELLED: Final = ("urn:barback:problem:already-finished", Status.CANCELLED)


class Service:
    """The service's operations. `wait` is in seconds, from the call to the end of the task."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.transport = session.transport

    def server_wait(self, until: float, longest: int = MAX_SERVER_WAIT) -> int:
        """Return the whole seconds for which the service may delay its response."""
        return math.floor(max(0.0, min(until - self.transport.now() + TOLERANCE, longest)))

    async def ask(self, drink: AnyInput, wait: float, options: SubmitOptions) -> Result:
        """Submit a drink or another input and return its result.

        Raises:
            TaskFailed: the task failed.
            TaskCancelled: the task was cancelled.
            TaskTimeout: the task was not finished in time.
        """
        until = self.transport.now() + wait
        [body] = batches(drink)
        request = submit_request(body, options, self.server_wait(until))
        response = await self.session.send(request, until)
        result = parse_response(response, single(Result.from_json))
        if not result.is_final:
            await self.pause(response, until)
            result = await self.result(result, until - self.transport.now())
        return require_success(result)

    async def submit(
        self,
        drinks: AnyInput | Iterable[AnyInput],
        options: SubmitOptions,
        wait: float = 0.0,
    ) -> list[Result]:
        """Submit drinks in batches; an error has the tasks of the batches before it."""
        seconds = self.server_wait(self.transport.now() + wait)
        tasks: list[Result] = []
        for number, batch in enumerate(batches(drinks)):
            try:
                tasks += await self.submit_batch(batch, options.of_request(number), seconds)
            except BarbackError as error:
                add_progress(error, tasks)
                raise
        return tasks

    async def submit_batch(
        self, batch: Sequence[Mapping[str, Any]], options: SubmitOptions, server_wait: int
    ) -> list[Result]:
        """Submit the drinks of one request, and wait up to `server_wait` seconds for results."""
        response = await self.session.send(submit_request(batch, options, server_wait))
        _, _, batch_id = response.headers.get("Location", "").partition("batches/")
        tasks = parse_response(response, list_of(Result.from_json))
        return [replace(task, batch_id=batch_id) for task in tasks]

    async def result(
        self,
        task: Task | str,
        wait: float,
        on_progress: Callable[[Result], object] | None = None,
    ) -> Result:
        """Return the result; after `wait` seconds, its status may be PROCESSING.

        `on_progress` gets each result that is not final. With it, a poll waits for a shorter time.
        """
        until = self.transport.now() + wait
        longest = PROGRESS_INTERVAL if on_progress else MAX_SERVER_WAIT
        while True:
            request = result_request(id_of(task), self.server_wait(until, longest))
            is_last = self.transport.now() >= until
            response = await self.session.send(request, math.inf if is_last else until)
            result = parse_response(response, Result.from_json)
            if result.is_final or self.transport.now() >= until:
                return result
            if on_progress:
                on_progress(result)
            await self.pause(response, until, POLL_INTERVAL if on_progress else math.inf)

    async def status(self, task: Task | str) -> Task:
        """Return the task with its current status."""
        response = await self.session.send(status_request(id_of(task)))
        return parse_response(response, Task.from_json)

    async def cancel(self, task: Task | str) -> Task:
        """Cancel the task; a task that is already cancelled is not an error."""
        try:
            response = await self.session.send(cancel_request(id_of(task)))
        except ApiError as error:
            if (error.type, error.problem.get("task_status")) != ALREADY_CANCELLED:
                raise
            return Task(id_of(task), Status.CANCELLED)
        return parse_response(response, Task.from_json)

    async def ingredients(self, part: str, limit: int | None) -> list[Ingredient]:
        """List the ingredients whose names contain `part`."""
        response = await self.session.send(ingredients_request(part, limit))
        return parse_response(response, list_of(Ingredient.from_json))

    async def groups(self) -> list[Group]:
        """List the groups that a drink can exclude."""
        response = await self.session.send(groups_request())
        return parse_response(response, list_of(Group.from_json))

    async def queue(self) -> dict[str, QueueLoad]:
        """Return the load of each queue."""
        response = await self.session.send(queue_request())
        return parse_response(
            response, lambda body: {name: QueueLoad.from_json(body[name]) for name in body}
        )

    async def submit_document(
        self,
        content: bytes,
        file_format: str,
        defaults: AnyInput | None,
        options: SubmitOptions,
    ) -> Task:
        """Upload a document and submit it as one task.

        Raises:
            ValueError: the defaults have ingredients; only a line can have them.
        """
        fields = (defaults or Drink()).to_json()
        if fields.pop("ingredients", None):
            raise ValueError("Leave ingredients out of the defaults. Each line has its own.")
        document = await self.upload(content, file_format)
        return await self.submit_body({"document": document, **fields}, options)

    async def upload(self, content: bytes, file_format: str) -> str:
        """Upload a document and return its name."""
        response = await self.session.send(new_document_request(content, file_format))
        document, request = parse_response(
            response, lambda body: (str(body["document"]), upload_request(body["upload"], content))
        )
        await self.session.send(request)
        return document

    async def submit_body(self, body: Mapping[str, Any], options: SubmitOptions) -> Task:
        """Submit a document, uploaded or with its lines in the body, as one task."""
        response = await self.session.send(submit_request(body, options))
        return parse_response(response, single(Task.from_json))

    async def lines(self, result: Result) -> list[LineResult]:
        """Download the results of a document's lines."""
        if result.document is None:
            raise ValueError(
                "This result has no lines. Pass the result of a document whose task succeeded."
            )
        request = download_request(result.document.url, result.document.lines)
        response = await self.session.send(request)
        return parse_response(response, list_of(LineResult.from_json), decode_json_lines)

    async def pause(
        self, response: httpx2.Response, until: float, longest: float = math.inf
    ) -> None:
        """Wait as long as a response asks for, but not longer than until that time."""
        retry_after = retry_after_of(response)
        interval = min(longest, POLL_INTERVAL if retry_after is None else retry_after)
        left = max(0.0, until - self.transport.now())
        # The service cannot wait for a part of a second, so the client does.
        await self.transport.sleep(min(interval, left) if self.server_wait(until) else left)


def id_of(task: Task | str) -> str:
    return task if isinstance(task, str) else task.task_id
