"""Waits for tasks within a request: the preference `wait` of RFC 7240."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.api.blocking import Runner
    from tasks.service import TaskService
    from tasks.task import Task

# Sleeps for some seconds, or until the server stops; returns whether it stops.
Pause: TypeAlias = Callable[[float], Awaitable[bool]]

SECONDS: Final = re.compile(r'"?([0-9]{1,9})"?')
FIRST_PAUSE: Final = 0.02  # seconds
LONGEST_PAUSE: Final = 0.5
GROWTH: Final = 1.5


def preferred_wait(prefer: str) -> int | None:
    """Return the seconds of the first `wait` preference in a Prefer header, or None.

    RFC 7240 asks servers to ignore preferences that they cannot read.
    """
    for preference in prefer.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            seconds = SECONDS.fullmatch(value.strip())
            return int(seconds[1]) if seconds else None
    return None


async def interruptible_pause(seconds: float, stopping: asyncio.Event) -> bool:
    """Sleep for some seconds, or until the server stops; return whether it stops."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
    return stopping.is_set()


async def wait_until_final(
    service: TaskService,
    tasks: Sequence[Task],
    seconds: float,
    run: Runner,
    pause: Pause,
    clock: Callable[[], float] = time.monotonic,
) -> list[Task]:
    """Return the current tasks of one owner once all are final, or after some seconds.

    It reads the last task until that is final, because the others usually are by then. The wait
    ends early, after a last read, if the server stops; and if the table does not answer, because
    the tasks exist all the same.
    """
    known = {task.task_id: task for task in tasks}
    ends_at, length = clock() + seconds, FIRST_PAUSE
    while unfinished := [task for task in known.values() if not task.is_final]:
        if (left := ends_at - clock()) <= 0:
            break
        if await pause(min(length, left)):
            ends_at = clock()
        length = min(length * GROWTH, LONGEST_PAUSE)
        *others, last = unfinished
        try:
            found = await _read(service, [last], run)
            if others and (found[0].is_final or clock() >= ends_at):
                found += await _read(service, others, run)
        except Unavailable:
            break
        known |= {task.task_id: task for task in found}
    return [known[task.task_id] for task in tasks]


async def _read(service: TaskService, tasks: Sequence[Task], run: Runner) -> list[Task]:
    return await run(service.fetch_many, tasks[0].owner, [task.task_id for task in tasks])
