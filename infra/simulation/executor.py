"""Threads of a process, in virtual time."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar

from infra.simulation.scheduler import ProcessDied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from infra.simulation.scheduler import Scheduler

T = TypeVar("T")


class VirtualExecutor(Executor):
    """A pool whose threads belong to the process that uses it, and are killed with it.

    Args:
        scheduler: the event loop.
        size: the number of threads.
    """

    def __init__(self, scheduler: Scheduler, size: int) -> None:
        self._scheduler = scheduler
        self._size = size

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call the function at once: nothing waits for a future in virtual time."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - like the real one
            future.set_exception(error)
        return future

    def map(
        self,
        fn: Callable[..., T],
        *iterables: Iterable[Any],
        timeout: float | None = None,  # noqa: ARG002 - like the real one
        chunksize: int = 1,  # noqa: ARG002
    ) -> Iterator[T]:
        """Call the function for all arguments, several at the same time; wait for all of them."""
        calls = list(zip(*iterables, strict=False))
        results: list[Any] = [None] * len(calls)
        indices = iter(range(len(calls)))

        def work() -> None:
            for index in indices:
                results[index] = fn(*calls[index])

        threads = [self._scheduler.spawn_thread(work) for _ in range(min(self._size, len(calls)))]
        try:
            for thread in threads:
                self._scheduler.join(thread)
        except ProcessDied:
            self._scheduler.check_alive()
            raise
        return iter(results)
