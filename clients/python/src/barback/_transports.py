"""The network and the clock, for blocking and for asynchronous programs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import httpx2

T = TypeVar("T")


class Transport(Protocol):
    """The network and the clock."""

    async def send(self, request: httpx2.Request, /) -> httpx2.Response:
        """Send a request and read the whole response."""

    async def sleep(self, seconds: float, /) -> None:
        """Wait for some seconds."""

    def now(self) -> float:
        """Return the time of a monotonic clock in seconds."""


class AsyncTransport:
    """A transport for asyncio."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.send = client.send
        self.sleep = asyncio.sleep
        self.now = time.monotonic


class BlockingTransport:
    """A transport whose coroutines block and never suspend, so that `run_blocking` can run them."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self._sleep = time.sleep
        self.now = time.monotonic

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and read the whole response."""
        return self._client.send(request)

    async def sleep(self, seconds: float) -> None:
        """Block for some seconds."""
        self._sleep(seconds)


def run_blocking(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that uses a `BlockingTransport`, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    raise RuntimeError("A synchronous call was suspended.")
