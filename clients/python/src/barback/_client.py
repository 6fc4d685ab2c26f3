"""The synchronous client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import httpx2

from barback._drink import Drink
from barback._endpoint import Endpoint
from barback._retries import Retries
from barback._service import WAIT, Service, id_of
from barback._session import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from pathlib import Path

    from barback._responses import Ingredient, Line, Queue, Result, Task

T = TypeVar("T")


class _Io:
    """The network and the time, with functions that block where asynchronous ones would suspend."""

    def __init__(self, client: httpx2.Client) -> None:
        self.client = client
        self.now = time.monotonic
        self._sleep = time.sleep

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        return self.client.send(request)

    async def sleep(self, seconds: float) -> None:
        self._sleep(seconds)


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, as none does over `_Io`."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    raise RuntimeError("A synchronous call was suspended.")


class Barback:
    """A client of the service; a context manager that keeps its connections until it is closed.

    Args:
        url: the service's, such as http://127.0.0.1:8000; a stage's path is kept.
        key: the API key, where the service asks for one.
        language: of the names in the answers, `en` or `ru`.
        timeout: seconds for the service to answer one request, beside what it is asked to wait.
        retries: how often and after what pause a request is made again.
        transport: in place of httpx2's own, for a proxy or a test.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        language: str = "en",
        timeout: float = 10.0,
        retries: Retries | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        endpoint = Endpoint(url, key, language, timeout)
        self._url = url
        self._http = httpx2.Client(transport=transport)
        self._service = Service(Exchange(_Io(self._http), endpoint, retries or Retries()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def suggest(
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
        return _run(self._service.answer(drink, wait))

    def complete(
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
        return _run(self._service.answer(drink, wait))

    def submit(self, drinks: Drink | Iterable[Drink], *, idempotency_key: str = "") -> list[Task]:
        """Submit drinks, however many, and return their tasks at once, in order.

        No retry makes a second task. With an idempotency key, neither does a second call with the
        same drinks.

        Raises:
            ApiError: a drink is refused; `index` says which, `tasks` has those of drinks before.
        """
        return _run(self._service.submit(drinks, idempotency_key))

    def result(self, task: Task | str, *, wait: float = 0.0) -> Result:
        """Return a task's result, or after `wait` seconds where it stands."""
        return _run(self._service.result(id_of(task), wait))

    def results(
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
        results = []
        for task in tasks:
            results.append(self.result(task, wait=until - time.monotonic()))
            if on_result:
                on_result(results[-1])
        return results

    def status(self, task: Task | str) -> Task:
        """Return where a task stands."""
        return _run(self._service.status(id_of(task)))

    def cancel(self, task: Task | str) -> Task:
        """Cancel a task; ApiError 409 where it had ended before."""
        return _run(self._service.cancel(id_of(task)))

    def ingredients(self, part: str = "", *, limit: int | None = None) -> list[Ingredient]:
        """List the ingredients that the model knows, those that begin with `part` first."""
        return _run(self._service.ingredients(part, limit))

    def queue(self) -> dict[str, Queue]:
        """Return how busy the queues are, `interactive` and `bulk`."""
        return _run(self._service.queue())

    def submit_document(
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
            document = document.read_bytes()
        return _run(
            self._service.submit_document(document, form, defaults or Drink(), idempotency_key)
        )

    def lines(self, result: Result) -> list[Line]:
        """Download the answers to a document's lines, from the result of its task."""
        return _run(self._service.lines(result))
