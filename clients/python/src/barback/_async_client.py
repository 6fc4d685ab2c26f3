"""The asynchronous client."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self, Unpack

import httpx2

from barback._answering import answer, submit
from barback._deliveries import deliveries, redeliver, webhook_secrets
from barback._drink import Drink
from barback._endpoint import Endpoint
from barback._following import cancel_batch, fetch_batch, list_tasks, retry
from barback._input import Input
from barback._requests import SubmitOptions
from barback._retries import Retries
from barback._service import DEFAULT_WAIT, Service
from barback._session import Session
from barback._transports import AsyncTransport, open_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from barback._catalog import Group, Ingredient, QueueLoad
    from barback._collections import Batch, CancelledBatch, ListedTask
    from barback._deliveries import Delivery
    from barback._drink import CompleteOptions, SuggestOptions
    from barback._input import AnyInput
    from barback._responses import LineResult, Result, Status, Task
    from barback._run import Run, RunProgress

CONCURRENCY: Final = 8  # requests for results at a time


class AsyncBarback:
    """A client for asyncio. Its arguments, methods and errors are those of `Barback`.

    It belongs to the event loop of its first request, and raises RuntimeError in any other.
    """

    def __init__(
        self,
        url: str,
        api_key: str = "",
        *,
        language: str = "en",
        timeout: float = 10.0,
        retries: Retries | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        endpoint = Endpoint(url, api_key, language, timeout)
        self._url = url
        http = open_client(lambda: httpx2.AsyncClient(transport=transport))
        self._transport = AsyncTransport(http)
        session = Session(self._transport, endpoint, retries or Retries())
        self._service = Service(session)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def suggest(
        self,
        ingredients: Sequence[str] = (),
        *,
        ignore_unknown: bool = False,
        idempotency_key: str = "",
        webhook: str = "",
        wait: float = DEFAULT_WAIT,
        **fields: Unpack[SuggestOptions],
    ) -> Result:
        """Suggest an ingredient to add to a drink, or a base for a drink without ingredients."""
        options = SubmitOptions(idempotency_key, ignore_unknown, webhook)
        return await self._service.ask(Drink(ingredients, **fields), wait, options)

    async def complete(
        self,
        ingredients: Sequence[str] = (),
        *,
        ignore_unknown: bool = False,
        idempotency_key: str = "",
        webhook: str = "",
        wait: float = DEFAULT_WAIT,
        **fields: Unpack[CompleteOptions],
    ) -> Result:
        """Suggest the ingredients that finish a drink; without `length`, the model decides."""
        options = SubmitOptions(idempotency_key, ignore_unknown, webhook)
        drink = Drink(ingredients, "complete", **fields)
        return await self._service.ask(drink, wait, options)

    async def run(  # noqa: PLR0913 - one for each option
        self,
        kind: str | Sequence[str],
        /,
        *,
        priority: Literal["interactive", "bulk"] | None = None,
        deadline_seconds: int | None = None,
        metadata: Mapping[str, str] | None = None,
        ignore_unknown: bool = False,
        idempotency_key: str = "",
        webhook: str = "",
        wait: float = DEFAULT_WAIT,
        **fields: Any,
    ) -> Result:
        """Answer an input of any kind, such as `bar.run("complete", ingredients=["milk"])`."""
        options = SubmitOptions(idempotency_key, ignore_unknown, webhook)
        found = Input(kind, fields, priority, deadline_seconds, metadata)
        return await self._service.ask(found, wait, options)

    async def submit(
        self,
        drinks: Run | AnyInput | Iterable[AnyInput],
        *,
        ignore_unknown: bool = False,
        idempotency_key: str = "",
        webhook: str = "",
        wait: float = 0.0,
    ) -> list[Result]:
        """Submit any number of inputs and return their tasks in order."""
        return await submit(
            self._service,
            drinks,
            wait,
            ignore_unknown=ignore_unknown,
            idempotency_key=idempotency_key,
            webhook=webhook,
        )

    async def answer(
        self,
        drinks: Run | Iterable[AnyInput],
        *,
        wait: float = 600.0,
        on_progress: Callable[[RunProgress], object] | None = None,
    ) -> list[Result]:
        """Answer any number of drinks; up to eight arrays or documents are in flight at a time."""
        return await answer(self._service, drinks, wait, on_progress)

    async def result(
        self,
        task: Task | str,
        *,
        wait: float = 0.0,
        on_progress: Callable[[Result], object] | None = None,
    ) -> Result:
        """Return the result of a task; after `wait` seconds, its status may be PROCESSING."""
        return await self._service.result(task, wait, on_progress)

    async def results(
        self,
        tasks: Iterable[Task | str],
        *,
        wait: float = 0.0,
        on_result: Callable[[Result], object] | None = None,
    ) -> list[Result]:
        """Return the results of tasks in order, after at most `wait` seconds in total.

        Several results are fetched at a time. `on_result` is called with each as soon as it is
        known.
        """
        until = time.monotonic() + wait
        slots = asyncio.Semaphore(CONCURRENCY)

        async def fetch(task: Task | str) -> Result:
            async with slots:
                result = await self.result(task, wait=until - time.monotonic())
            if on_result:
                on_result(result)
            return result

        fetches = [asyncio.ensure_future(fetch(task)) for task in tasks]
        try:
            return await asyncio.gather(*fetches)
        finally:
            for unfinished in fetches:
                unfinished.cancel()  # after an error, the other requests have no use

    async def status(self, task: Task | str) -> Task:
        """Return the task with its current status."""
        return await self._service.status(task)

    async def cancel(self, task: Task | str) -> Task:
        """Cancel a task. A task that has already finished raises ApiError with status 409."""
        return await self._service.cancel(task)

    async def retry(self, task: Task | str) -> Task:
        """Submit a task that failed or was cancelled again, and return the new task.

        A repetition returns the same new task. Other tasks raise ApiError with status 409.
        """
        return await retry(self._service, task)

    async def batch(self, batch: Task | str, *, wait: float = 0.0) -> Batch:
        """Return the results of a batch, after at most `wait` seconds.

        `submit` submits arrays of up to 99 drinks, and each is a batch: `batch` is the `batch_id`
        of one of its tasks, or such a task itself.
        """
        return await fetch_batch(self._service, batch, wait)

    async def cancel_batch(self, batch: Task | str) -> CancelledBatch:
        """Cancel the tasks of a batch that have not ended. Repeating it changes nothing."""
        return await cancel_batch(self._service, batch)

    def tasks(
        self,
        *,
        status: Status | str | None = None,
        since: datetime | None = None,
        kind: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[ListedTask]:
        """Iterate over your tasks, the newest first: `async for task in bar.tasks()`."""
        return list_tasks(self._service, status, since, kind, limit)

    async def webhook_secrets(self) -> list[str]:
        """Return the secrets with which your webhooks are signed, newest first; see `verify`."""
        return await webhook_secrets(self._service, "GET")

    async def rotate_webhook_secret(self) -> list[str]:
        """Make a new secret and return all; the previous one stays valid for a day."""
        return await webhook_secrets(self._service, "POST")

    async def deliveries(self, task: Task | str) -> Delivery:
        """Return the attempts to deliver the result of a task, or of its array, to its webhook."""
        return await deliveries(self._service, task)

    async def redeliver(self, task: Task | str) -> Delivery:
        """Start the delivery of a task, or of its array, again."""
        return await redeliver(self._service, task)

    async def ingredients(self, part: str = "", *, limit: int | None = None) -> list[Ingredient]:
        """List the ingredients whose names contain `part`; names that start with it come first."""
        return await self._service.ingredients(part, limit)

    async def groups(self) -> list[Group]:
        """List the groups that a drink can exclude, such as `group:dairy`."""
        return await self._service.groups()

    async def queue(self) -> dict[str, QueueLoad]:
        """Return the load of each queue by its name, such as `interactive` or `bulk`."""
        return await self._service.queue()

    async def submit_document(
        self,
        document: Path | str | bytes,
        *,
        file_format: Literal["text", "jsonl"] = "jsonl",
        defaults: AnyInput | None = None,
        idempotency_key: str = "",
        webhook: str = "",
    ) -> Task:
        """Upload up to 100,000 drinks, one per line, and submit them as one task."""
        if isinstance(document, bytes):
            content = document
        else:
            content = await asyncio.to_thread(Path(document).read_bytes)
        options = SubmitOptions(idempotency_key, webhook=webhook)
        return await self._service.submit_document(content, file_format, defaults, options)

    async def lines(self, result: Result) -> list[LineResult]:
        """Download the results of a document's lines. `result` is the result of its task."""
        return await self._service.lines(result)
