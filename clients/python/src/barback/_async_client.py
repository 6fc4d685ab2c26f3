"""The asynchronous client, the twin of `Barback`."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Literal, Self

import httpx2

from barback._drink import Drink
from barback._endpoint import Endpoint
from barback._retries import Retries
from barback._service import WAIT, Service, id_of
from barback._session import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from barback._responses import Ingredient, Line, Queue, Result, Task

CONCURRENCY: Final = 8  # requests for results at a time


class _Io:
    """The network and the time of asyncio."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.send = client.send
        self.sleep = asyncio.sleep
        self.now = time.monotonic


class AsyncBarback:
    """A client for asyncio; it is made as `Barback` is, and its calls are awaited."""

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        language: str = "en",
        timeout: float = 10.0,
        retries: Retries | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        endpoint = Endpoint(url, key, language, timeout)
        self._url = url
        self._http = httpx2.AsyncClient(transport=transport)
        self._service = Service(Exchange(_Io(self._http), endpoint, retries or Retries()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def suggest(
        self,
        ingredients: Sequence[str] = (),
        *,
        exclude: Sequence[str] | None = None,
        only: Sequence[str] | None = None,
        top_k: int | None = None,
        wait: float = WAIT,
    ) -> Result:
        """Return what to add to a drink, within `wait` seconds; for no ingredients, a base.

        Raises:
            TaskFailed: the service found no answer.
            TimedOut: it did not find one in time; the error has the task.
        """
        drink = Drink(ingredients, exclude=exclude, only=only, top_k=top_k)
        return await self._service.answer(drink, wait)

    async def complete(
        self,
        ingredients: Sequence[str] = (),
        *,
        length: int | None = None,
        exclude: Sequence[str] | None = None,
        only: Sequence[str] | None = None,
        wait: float = WAIT,
    ) -> Result:
        """Add to a drink until it has `length` ingredients; raises what `suggest` raises."""
        drink = Drink(ingredients, "complete", length=length, exclude=exclude, only=only)
        return await self._service.answer(drink, wait)

    async def submit(
        self, drinks: Drink | Iterable[Drink], *, idempotency_key: str = ""
    ) -> list[Task]:
        """Submit drinks, however many, and return their tasks at once, in order.

        No retry makes a second task. With an idempotency key, neither does a second call with the
        same drinks.

        Raises:
            ApiError: a drink is refused; `index` says which, `tasks` has those of drinks before.
        """
        return await self._service.submit(drinks, idempotency_key)

    async def result(self, task: Task | str, *, wait: float = 0.0) -> Result:
        """Return a task's result, or after `wait` seconds where it stands."""
        return await self._service.result(id_of(task), wait)

    async def results(
        self,
        tasks: Iterable[Task | str],
        *,
        wait: float = 0.0,
        on_result: Callable[[Result], object] | None = None,
    ) -> list[Result]:
        """Return the results of tasks in order, within `wait` seconds in all; none is raised.

        `on_result` is told of each as it comes.
        """
        until = time.monotonic() + wait
        gate = asyncio.Semaphore(CONCURRENCY)

        async def one(task: Task | str) -> Result:
            async with gate:
                result = await self.result(task, wait=until - time.monotonic())
            if on_result:
                on_result(result)
            return result

        asked = [asyncio.ensure_future(one(task)) for task in tasks]
        try:
            return await asyncio.gather(*asked)
        finally:
            for future in asked:
                future.cancel()  # those that an error left at work

    async def status(self, task: Task | str) -> Task:
        """Return where a task stands."""
        return await self._service.status(id_of(task))

    async def cancel(self, task: Task | str) -> Task:
        """Cancel a task; ApiError 409 where it had ended before."""
        return await self._service.cancel(id_of(task))

    async def ingredients(self, part: str = "", *, limit: int | None = None) -> list[Ingredient]:
        """List the ingredients that the model knows, those that begin with `part` first."""
        return await self._service.ingredients(part, limit)

    async def queue(self) -> dict[str, Queue]:
        """Return how busy the queues are, `interactive` and `bulk`."""
        return await self._service.queue()

    async def submit_document(
        self,
        document: Path | bytes,
        *,
        form: Literal["text", "jsonl"] = "jsonl",
        defaults: Drink | None = None,
        idempotency_key: str = "",
    ) -> Task:
        """Upload up to 100,000 drinks, one to a line, as one task.

        Args:
            document: a file, or its content.
            form: `text`: names with `;` between them; `jsonl`: drinks or arrays of names.
            defaults: what a line asks for unless it says otherwise.
            idempotency_key: the same again gives the same task.
        """
        if not isinstance(document, bytes):
            document = await asyncio.to_thread(document.read_bytes)
        return await self._service.submit_document(
            document, form, defaults or Drink(), idempotency_key
        )

    async def lines(self, result: Result) -> list[Line]:
        """Download the answers to a document's lines, from the result of its task."""
        return await self._service.lines(result)
