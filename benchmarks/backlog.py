"""A caller who keeps a number of tasks waiting in the interactive queue."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import httpx2

from benchmarks.drinks import make_drinks

if TYPE_CHECKING:
    from collections.abc import Iterator

ARRAY: Final = 100  # drinks
KEY: Final = {"x-api-key": "busy"}
POLL_INTERVAL: Final = 0.005  # seconds; a worker takes several times as long for an array
TIMEOUT: Final = 120.0  # seconds


class Backlog:
    """Tasks of one caller that wait, submitted in arrays of 100.

    The worker takes the tasks of one caller in their order, so an array is done when its last task
    is.
    """

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http
        self._body = [{"ingredients": drink} for drink in make_drinks(ARRAY)]
        self._arrays: deque[str] = deque()  # the path of the last task's result, oldest first

    def fill(self, tasks: int) -> None:
        """Submit arrays until at least that many tasks wait behind the oldest array."""
        while len(self._arrays) <= tasks / ARRAY:
            response = self._http.post("/api/process", json=self._body)
            self._arrays.append(response.raise_for_status().json()[-1]["url_result"])

    def remove_done(self) -> int:
        """Remove the arrays that are done, and return their number.

        Raises:
            RuntimeError: the last task of an array failed.
        """
        done = 0
        while self._arrays and self._is_done(self._arrays[0]):
            self._arrays.popleft()
            done += 1
        return done

    def process(self, arrays: int, tasks: int) -> float:
        """Wait until that many arrays are done, and submit another one for each of them.

        Returns:
            The tasks that were done per second, while at least `tasks` tasks were waiting.

        Raises:
            RuntimeError: a task failed, or the arrays took too long.
        """
        done, started = 0, time.perf_counter()
        while done < arrays:
            time.sleep(POLL_INTERVAL)
            done += self.remove_done()
            self.fill(tasks)
            _check_time(started)
        return done * ARRAY / (time.perf_counter() - started)

    def drain(self) -> None:
        """Wait until all arrays are done.

        Raises:
            RuntimeError: a task failed, or the arrays took too long.
        """
        started = time.perf_counter()
        while self._arrays:
            time.sleep(POLL_INTERVAL)
            self.remove_done()
            _check_time(started)

    def is_done(self) -> bool:
        """Whether the newest array is done."""
        return self._is_done(self._arrays[-1])

    def _is_done(self, path: str) -> bool:
        response = self._http.get(path).raise_for_status()
        if response.status_code == httpx2.codes.ACCEPTED:
            return False
        if response.json()["status"] != "SUCCESS":
            raise RuntimeError(f"{path} ended as {response.text}.")
        return True


def _check_time(started: float) -> None:
    if time.perf_counter() - started > TIMEOUT:
        raise RuntimeError(f"The tasks were not done after {TIMEOUT:.0f} s.")


@contextmanager
def backlog(url: str) -> Iterator[Backlog]:
    """Yields an empty backlog of a service."""
    with httpx2.Client(base_url=url, headers=KEY, timeout=TIMEOUT, trust_env=False) as http:
        yield Backlog(http)
