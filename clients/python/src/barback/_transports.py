"""The network and the clock, for blocking and for asynchronous programs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import httpx2

from barback._request_thread import RequestThread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Iterator

C = TypeVar("C", httpx2.Client, httpx2.AsyncClient)
T = TypeVar("T")


def open_client(client: Callable[[], C]) -> C:
    """Create a client of httpx2, which reads the proxies and certificates in the environment.

    Raises:
        ValueError: it cannot use them. The message omits their values: a proxy's may be secret.
    """
    try:
        return client()
    except ImportError as error:
        raise ValueError(
            "The SOCKS proxy in the environment (ALL_PROXY) needs the package socksio. Install it"
            " with `pip install socksio`, or remove the variable."
        ) from error
    except (ValueError, httpx2.InvalidURL) as error:
        raise ValueError(
            "The environment has a proxy that is not valid. Correct HTTP_PROXY, HTTPS_PROXY or"
            " ALL_PROXY."
        ) from error
    except OSError as error:
        raise ValueError(
            "The certificates in the environment cannot be read. Correct SSL_CERT_FILE."
        ) from error


class Transport(Protocol):
    """The network and the clock."""

    async def send(self, request: httpx2.Request, limit: float, /) -> httpx2.Response:
        """Send a request and read the whole response.

        Raises:
            httpx2.RequestError: there is no response, or it is not complete after `limit` seconds.
        """

    async def sleep(self, seconds: float, /) -> None:
        """Wait for some seconds."""

    def now(self) -> float:
        """Return the time of a monotonic clock in seconds."""

    async def for_each(
        self, items: Iterable[T], call: Callable[[T], Awaitable[object]], limit: int, /
    ) -> None:
        """Call a function for each item, up to `limit` at a time. An error ends all calls."""


class AsyncTransport:
    """A transport for asyncio. Connections belong to the event loop in which they were opened."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self._loop: asyncio.AbstractEventLoop | None = None
        self.sleep = asyncio.sleep
        self.now = time.monotonic

    async def send(self, request: httpx2.Request, limit: float) -> httpx2.Response:
        """Send a request and read the whole response."""
        self._check_event_loop()
        try:
            async with asyncio.timeout(limit):
                return await self._client.send(request)
        except TimeoutError as error:
            raise httpx2.ReadTimeout("", request=request) from error

    async def close(self) -> None:
        """Close the connections."""
        self._check_event_loop()
        await self._client.aclose()

    def _check_event_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop):
            raise RuntimeError(
                "This AsyncBarback was used in another event loop, where its connections are."
                " Create one AsyncBarback in each event loop."
            )
        self._loop = loop

    async def for_each(
        self, items: Iterable[T], call: Callable[[T], Awaitable[object]], limit: int
    ) -> None:
        """Call a function for each item, up to `limit` at a time. An error ends all calls."""
        queue = iter(items)

        async def work() -> None:
            for item in queue:
                await call(item)

        workers = [asyncio.ensure_future(work()) for _ in range(limit)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)


class BlockingTransport:
    """A transport whose coroutines block and never suspend, so that `run_blocking` can run them."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self._sleep = time.sleep
        self.now = time.monotonic

    async def send(self, request: httpx2.Request, limit: float) -> httpx2.Response:
        """Send a request and read the whole response, in a thread that can be left behind."""
        thread = RequestThread(self._client, request)
        thread.start()
        return thread.wait(limit)

    async def sleep(self, seconds: float) -> None:
        """Block for some seconds."""
        self._sleep(seconds)

    async def for_each(
        self,
        items: Iterable[T],
        call: Callable[[T], Awaitable[object]],
        limit: int,  # noqa: ARG002 - it never does two things at a time
    ) -> None:
        """Call a function for each item, one after the other."""
        for item in items:
            await call(item)


def run_blocking(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that uses a `BlockingTransport`, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    raise RuntimeError("A synchronous call was suspended.")


def iterate_blocking(items: AsyncGenerator[T]) -> Iterator[T]:
    """Iterate over an asynchronous generator as `run_blocking` runs a coroutine."""
    while True:
        try:
            item = run_blocking(anext(items))
        except StopAsyncIteration:
            return
        yield item
