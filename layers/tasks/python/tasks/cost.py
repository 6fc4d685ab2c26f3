"""What a task cost in AWS, by the list prices of one region on one day."""

from __future__ import annotations

import json
import math
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tasks.model import Task

# US dollars in us-east-1, without the free tier, as public sources gave them in that month.
PRICES_OF: Final = "2026-11"
GATEWAY_REQUEST: Final = 3.50e-6
FUNCTION_REQUEST: Final = 0.20e-6
GB_SECOND: Final = {"x86_64": 16.6667e-6, "aarch64": 13.3334e-6}
QUEUE_REQUEST: Final = 0.40e-6
TABLE_WRITE: Final = 0.625e-6  # for each kilobyte that is begun
TABLE_READ: Final = 0.125e-6  # for each four kilobytes that are begun, strongly consistent

RECEIVE_LIMIT: Final = 10  # messages in one call of SQS
ROW_OVERHEAD: Final = 400  # bytes of a row beside input and result: names, ids, times


@dataclass(frozen=True, slots=True)
class Cost:
    """A task's share: what its worker used, and the calls from its submission to one look.

    Attributes:
        gb_seconds: the worker's memory times its time; the API's own time is in no row.
        aws_calls: calls of the queue and the table. A call for ten messages counts a tenth.
        usd: those, the calls of the functions and two requests to the gateway, in US dollars.
        prices: the month that the prices are of.
    """

    gb_seconds: float
    aws_calls: float
    usd: float
    prices: str


def cost_of(task: Task, machine: str = platform.machine()) -> Cost:
    """Reckon what a finished task cost, as one that was submitted alone and without a key.

    Args:
        task: the task; one that no worker took has used no worker.
        machine: the processor of the functions, as `platform.machine` names it.
    """
    gb_seconds, batch_size = (
        (0.0, 1) if task.work is None else (task.work.gb_seconds, task.work.batch_size)
    )
    in_call = min(batch_size, RECEIVE_LIMIT)
    # Sent once, received at each attempt, postponed after each but the last, deleted once.
    postponed = max(0, task.attempts - 1)
    queue_calls = 1 + postponed + (task.attempts + min(1, task.attempts)) / in_call
    units = math.ceil((ROW_OVERHEAD + _size(task.input) + _size(task.result)) / 1024)
    usd = (
        2 * (GATEWAY_REQUEST + FUNCTION_REQUEST)
        + FUNCTION_REQUEST * task.attempts / batch_size
        + GB_SECOND.get(machine, GB_SECOND["x86_64"]) * gb_seconds
        + QUEUE_REQUEST * queue_calls
        + TABLE_WRITE * 2 * units
        + TABLE_READ * math.ceil(units / 4)
    )
    return Cost(gb_seconds, round(queue_calls + 3, 2), round(usd, 9), PRICES_OF)


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
