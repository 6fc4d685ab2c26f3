"""Waiting for tasks within a request: RFC 7240's preference `wait`, and how it is kept."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Final

from fastapi.concurrency import run_in_threadpool

from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tasks.model import Task
    from tasks.service import TaskService

SECONDS: Final = re.compile(r'"?([0-9]{1,9})"?')
FIRST_PAUSE: Final = 0.02  # seconds
LONGEST_PAUSE: Final = 0.5
GROWTH: Final = 1.5


def preferred_wait(prefer: str) -> int | None:
    """Return the seconds of the first preference `wait` in a header Prefer, or None.

    A preference that cannot be read is ignored, as RFC 7240 has it.
    """
    for preference in prefer.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            seconds = SECONDS.fullmatch(value.strip())
            return int(seconds[1]) if seconds else None
    return None


async def until_final(
    service: TaskService,
    tasks: Sequence[Task],
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Task]:
    """Return the tasks of one owner as they are once all are final, or after so many seconds.

    A table that does not answer ends the wait, and nothing else: what was submitted stands.
    """
    known = {task.task_id: task for task in tasks}
    ends_at, pause = clock() + seconds, FIRST_PAUSE
    while waiting := [task for task in known.values() if not task.is_final]:
        if (left := ends_at - clock()) <= 0:
            break
        await sleep(min(pause, left))
        pause = min(pause * GROWTH, LONGEST_PAUSE)
        ids = [task.task_id for task in waiting]
        try:
            found = await run_in_threadpool(service.fetch_many, waiting[0].owner, ids)
        except Unavailable:
            break
        known |= {task.task_id: task for task in found}
    return [known[task.task_id] for task in tasks]
