"""A process that is the client of a service: `python -m benchmarks.client_process URL WAY COUNT`.

It submits drinks, polls until each task is final, and reports the seconds from the first submission
to the last result. The ways to submit are:

    each   every drink in a request of its own, with an API key of its own
    array  all drinks in one request, which only this project's API accepts

The client is the same for every service: 16 connections that are kept open, each of which makes one
request at a time, and a pause of 20 ms between two polls of a task. It parses responses in C, so
that it takes little time from a service on the same processors.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from benchmarks.connection import ACCEPTED, Connection, connected
from benchmarks.drinks import make_drinks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from typing import TypeVar

    T = TypeVar("T")
    Drinks = Sequence[Sequence[str]]
    Submit = Callable[["Client", Drinks], Awaitable[list["Submitted"]]]

CONNECTIONS: Final = 16
POLL_INTERVAL: Final = 0.02  # seconds
TIMEOUT: Final = 300.0  # seconds for all tasks


@dataclass(frozen=True, slots=True)
class Submitted:
    """A task that was submitted: the path of its result, and the key of its caller."""

    path: str
    key: str


class Client:
    """The connections to a service."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections

    async def submit_each(self, drinks: Drinks) -> list[Submitted]:
        """Submit each drink in its own request, as the caller of its number."""
        submitted: dict[int, Submitted] = {}

        async def submit(connection: Connection, number: int) -> None:
            path = "/api/process?ingredients_joined=" + quote(";".join(drinks[number]))
            key = f"caller-{number}"
            _, [task] = await connection.call("POST", path, key)
            submitted[number] = Submitted(task["url_result"], key)

        await self._share(range(len(drinks)), submit)
        return [submitted[number] for number in range(len(drinks))]

    async def submit_array(self, drinks: Drinks) -> list[Submitted]:
        """Submit all drinks in one request."""
        key, body = "caller", [{"ingredients": drink} for drink in drinks]
        _, tasks = await self._connections[0].call("POST", "/api/process", key, body)
        return [Submitted(task["url_result"], key) for task in tasks]

    async def wait(self, submitted: Iterable[Submitted]) -> None:
        """Poll until all tasks are final.

        Raises:
            RuntimeError: a task failed.
        """
        await self._share(submitted, _poll)

    async def _share(
        self, items: Iterable[T], call: Callable[[Connection, T], Awaitable[None]]
    ) -> None:
        """Make the calls; each connection takes the next item when it is free."""
        remaining = iter(items)

        async def work(connection: Connection) -> None:
            for item in remaining:
                await call(connection, item)

        await asyncio.gather(*map(work, self._connections))


async def _poll(connection: Connection, task: Submitted) -> None:
    while True:
        status, found = await connection.call("GET", task.path, task.key)
        if status != ACCEPTED:
            break
        await asyncio.sleep(POLL_INTERVAL)
    if found["status"] != "SUCCESS" or not found["result"]:
        raise RuntimeError(f"{task.path} ended as {found}.")


async def measure(url: str, drinks: Drinks, submit: Submit) -> float:
    """Return the seconds from the first submission to the last result.

    Raises:
        RuntimeError: a task failed, or an answer is an error.
        TimeoutError: the tasks were not final in time.
    """
    async with connected(url, CONNECTIONS) as connections, asyncio.timeout(TIMEOUT):
        client = Client(connections)
        started = time.perf_counter()
        await client.wait(await submit(client, drinks))
        return time.perf_counter() - started


WAYS: Final[dict[str, Submit]] = {"each": Client.submit_each, "array": Client.submit_array}


def main(url: str, way: str, count: str) -> None:
    """Measure once and report the seconds."""
    seconds = asyncio.run(measure(url, make_drinks(int(count)), WAYS[way]))
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
