"""What tasks cost in US dollars: the items of a bill for a million tasks, and of an idle month."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from functions.api.cost import ROW_OVERHEAD
from tasks.aws import prices
from tasks.aws.sqs import SEND_BATCH_LIMIT
from tasks.service import MAX_TASKS_WITH_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.capacity.model import Demand
    from infra.capacity.stack import Stack

THOUSAND: Final = 1_000
MILLION: Final = 1_000_000
DAY: Final = 86_400  # seconds
MONTH: Final = 30 * DAY
RECEIVE_LIMIT: Final = 10  # messages in a ReceiveMessage or a DeleteMessageBatch
LONG_POLL: Final = 20  # seconds of a poll of an empty queue
POLLERS: Final = 5  # of an idle queue
WORKER_METRICS: Final = 7  # custom metrics; one more for each type of failure

# Assumptions.
ROW_KB: Final = 1.0
INVOCATION_LOG_KB: Final = 1.0
TASK_LOG_KB: Final = 0.6
RESPONSE_KB: Final = 1.0
IMAGE_GB: Final = 0.3
DOCUMENT_GB: Final = 0.05
RECORD_ID: Final = 37  # bytes of a task's id in the record of an idempotency key


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a bill.

    Attributes:
        name: the service and its dimension.
        price: for one unit.
        unit: the unit, as a price list names it.
        quantity: the number of units.
    """

    name: str
    price: float
    unit: str
    quantity: float

    @property
    def usd(self) -> float:
        """The cost in US dollars."""
        return self.price * self.quantity


def items(demand: Demand, stack: Stack) -> list[Item]:
    """Return the bill for a million tasks that arrive at the rate of the demand."""
    per_task = MILLION / demand.rate
    requests, batches = demand.requests * per_task, demand.batches * per_task
    api_seconds, worker_seconds = demand.api * per_task, demand.workers * per_task
    worker_memory = stack.sources[demand.way.source].memory
    gb_second = prices.GB_SECOND[stack.architecture]
    sends = MILLION / min(demand.way.array, SEND_BATCH_LIMIT)
    receives = batches * math.ceil(demand.batch / RECEIVE_LIMIT)
    logs = (requests + batches) * INVOCATION_LOG_KB + MILLION * TASK_LOG_KB
    traffic = max(requests, MILLION) * RESPONSE_KB
    storage = ROW_KB * stack.retention / MONTH
    return [
        Item("API Gateway, requests", prices.GATEWAY_REQUEST, "requests", requests),
        Item("Lambda, API, requests", prices.FUNCTION_REQUEST, "requests", requests),
        Item("Lambda, API, time", gb_second, "GB-seconds", api_seconds * stack.api_memory / 1024),
        Item("SQS, with fair queues", prices.FAIR_QUEUE_REQUEST, "requests", sends + 2 * receives),
        Item("Lambda, worker, requests", prices.FUNCTION_REQUEST, "requests", batches),
        Item(
            "Lambda, worker, time", gb_second, "GB-seconds", worker_seconds * worker_memory / 1024
        ),
        Item("DynamoDB, writes", prices.TABLE_WRITE, "write units", demand.writes * per_task),
        Item(
            "DynamoDB, consistent reads", prices.TABLE_READ, "read units", demand.reads * per_task
        ),
        Item("DynamoDB, storage", prices.TABLE_GB_MONTH, "GB-month", storage),
        Item("CloudWatch Logs", prices.LOG_GB, "GB", logs / MILLION),
        Item("outgoing traffic", prices.TRAFFIC_GB, "GB", traffic / MILLION),
    ]


def per_million(demand: Demand, stack: Stack) -> float:
    """Return the cost of a million tasks."""
    return sum(item.usd for item in items(demand, stack))


def idle_month(stack: Stack) -> list[Item]:
    """Return the bill of a month without tasks."""
    polls = stack.queues_polled * POLLERS * MONTH / LONG_POLL
    snapshot = stack.api_memory / 1024 * MONTH
    return [
        Item("alarms", prices.ALARM_METRIC_MONTH, "metric", stack.alarm_metrics),
        Item("dashboard, after the first three", prices.DASHBOARD_MONTH, "dashboard", 1),
        Item("the workers' metrics", prices.METRIC_MONTH, "metric", WORKER_METRICS),
        Item("SnapStart, cache", prices.SNAPSHOT_GB_SECOND, "GB-seconds", snapshot),
        Item("SQS, polls of empty queues", prices.QUEUE_REQUEST, "requests", polls),
    ]


def per_month(demand: Demand, stack: Stack) -> float:
    """Return the cost of a month at the rate of the demand, without a break."""
    tasks = demand.rate * MONTH / MILLION
    return tasks * per_million(demand, stack) + sum(item.usd for item in idle_month(stack))


def further(stack: Stack) -> list[tuple[str, Item]]:
    """Return the items that are not in the other bills, each with what is paid."""
    return [*_of_functions(stack), *_of_the_table(stack), *_of_documents(stack)]


def _of_functions(stack: Stack) -> Iterator[tuple[str, Item]]:
    waits = THOUSAND * stack.longest_wait * stack.api_memory / 1024
    gb_second = prices.GB_SECOND[stack.architecture]
    yield (
        f"a thousand requests that wait {stack.longest_wait} s",
        Item("Lambda", gb_second, "GB-seconds", waits),
    )
    yield (
        "a thousand starts from SnapStart's cache, per GB of memory",
        Item("Lambda", prices.SNAPSHOT_GB_RESTORED, "GB", THOUSAND),
    )
    yield (
        "each further version with SnapStart, per GB of memory and month",
        Item("Lambda", prices.SNAPSHOT_GB_SECOND, "GB-seconds", MONTH),
    )
    yield (
        "each worker's image that is kept, per month",
        Item("ECR", prices.IMAGE_GB_MONTH, "GB-month", IMAGE_GB),
    )


def _of_the_table(stack: Stack) -> Iterator[tuple[str, Item]]:
    days = stack.retention / DAY
    # A transaction of two rows instead of one put.
    single = 2 * 2 - 1
    record = 2 * math.ceil((ROW_OVERHEAD + RECORD_ID * MAX_TASKS_WITH_KEY) / 1024)
    array = record / MAX_TASKS_WITH_KEY
    yield (
        "`PointInTimeRecovery`, for a million tasks a day, per month",
        Item("DynamoDB", prices.TABLE_BACKUP_GB_MONTH, "GB-month", ROW_KB * days),
    )
    yield ("a key of your own, per month", Item("KMS", prices.KEY_MONTH, "key", 1))
    yield ("a million uses of that key", Item("KMS", prices.KEY_REQUEST, "requests", MILLION))
    yield (
        "an `Idempotency-Key` with each of a million single tasks",
        Item("DynamoDB", prices.TABLE_WRITE, "write units", single * MILLION),
    )
    yield (
        f"an `Idempotency-Key` with each array of {MAX_TASKS_WITH_KEY}, for a million tasks",
        Item("DynamoDB", prices.TABLE_WRITE, "write units", array * MILLION),
    )


def _of_documents(stack: Stack) -> Iterator[tuple[str, Item]]:
    yield (
        "writes of a thousand documents: file, part and result",
        Item("S3", prices.OBJECT_WRITE, "requests", 3 * THOUSAND),
    )
    yield (
        "reads of a thousand documents: file, part and result",
        Item("S3", prices.OBJECT_READ, "requests", 3 * THOUSAND),
    )
    months = stack.document_days * DAY / MONTH
    yield (
        "a thousand documents of 100,000 drinks with their results",
        Item("S3", prices.OBJECT_GB_MONTH, "GB-month", THOUSAND * DOCUMENT_GB * months),
    )
