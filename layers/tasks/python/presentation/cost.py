"""The cost of a task on AWS, at list prices."""

from __future__ import annotations

import json
import math
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.aws import prices

if TYPE_CHECKING:
    from tasks.task import Task

RECEIVE_LIMIT: Final = 10  # messages in one SQS call
ROW_OVERHEAD: Final = 400  # bytes of a row besides input and result: names, ids and times


@dataclass(frozen=True, slots=True)
class Cost:
    """A task's share of the cost, from its submission to one read of its result.

    Attributes:
        gb_seconds: the worker's memory times its time; the API's own time is not included.
        aws_calls: the calls of the queue and the table. A call for ten messages counts a tenth.
        usd: those, the function invocations and two gateway requests, in US dollars.
        prices: the month of the prices.
    """

    gb_seconds: float
    aws_calls: float
    usd: float
    prices: str


def cost_of(task: Task, machine: str = platform.machine()) -> Cost:
    """Return the cost of a final task as if it had been submitted alone and without a key.

    Args:
        task: the task. A task that no worker processed has used no worker.
        machine: the processor of the functions, as `platform.machine` names it.
    """
    gb_seconds, batch_size = (
        (0.0, 1) if task.usage is None else (task.usage.gb_seconds, task.usage.batch_size)
    )
    per_call = min(batch_size, RECEIVE_LIMIT)
    # A message is sent once, received at each attempt, and deleted once. Each retry is scheduled.
    retries = max(0, task.attempts - 1)
    queue_calls = 1 + retries + (task.attempts + min(1, task.attempts)) / per_call
    units = math.ceil((ROW_OVERHEAD + _size(task.input) + _size(task.result)) / 1024)
    usd = (
        2 * (prices.GATEWAY_REQUEST + prices.FUNCTION_REQUEST)
        + prices.FUNCTION_REQUEST * task.attempts / batch_size
        + prices.GB_SECOND.get(machine, prices.GB_SECOND["x86_64"]) * gb_seconds
        + prices.FAIR_QUEUE_REQUEST * queue_calls
        + prices.TABLE_WRITE * 2 * units
        + prices.TABLE_READ * math.ceil(units / 4)
    )
    return Cost(gb_seconds, round(queue_calls + 3, 2), round(usd, 9), prices.MONTH)


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
