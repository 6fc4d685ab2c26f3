"""What tasks cost in US dollars: the items of a bill for a million tasks, and of an idle month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from infra.capacity.quotas import FIRST_POLLERS
from presentation.cost import ROW_OVERHEAD
from tasks.aws import prices
from tasks.aws.sqs import SEND_BATCH_LIMIT
from tasks.service import MAX_TASKS_WITH_KEY

if TYPE_CHECKING:
    from infra.capacity.inputs import Stack
    from infra.capacity.model import Demand

THOUSAND: Final = 1_000
MILLION: Final = 1_000_000
DAY: Final = 86_400  # seconds
MONTH: Final = 30 * DAY
RECEIVE_LIMIT: Final = 10  # messages in a ReceiveMessage or a DeleteMessageBatch
LONG_POLL: Final = 20  # seconds of a poll of an empty queue
WORKER_METRICS: Final = 8  # custom metrics of tasks of one kind that all succeed

# Assumptions.
ROW_KB: Final = 1.0
INVOCATION_LOG_KB: Final = 1.0
KIND_LOG_KB: Final = 0.3  # the metrics of a kind in a batch
TASK_LOG_KB: Final = 0.6
RESPONSE_KB: Final = 1.0
IMAGE_GB: Final = 0.3
DOCUMENT_GB: Final = 0.05
RECORD_ID: Final = 37  # bytes of a task's id in the record of an idempotency key


class Item(NamedTuple):
    """An item of a bill: its name, the price of a unit in US dollars, the unit, and how many."""

    name: str
    price: float
    unit: str
    quantity: float

    @property
    def usd(self) -> float:
        """The cost in US dollars."""
        return self.price * self.quantity


def items(demand: Demand, stack: Stack) -> list[Item]:
    """Return the bill for a million tasks at the rate of the demand, without their webhooks."""
    per_task = MILLION / demand.rate
    requests, batches = demand.requests * per_task, demand.batches * per_task
    api_seconds, worker_seconds = demand.api * per_task, demand.workers * per_task
    writes, reads = demand.writes * per_task, demand.reads * per_task
    memory = stack.sources[demand.way.source].memory
    gb_second = prices.GB_SECOND[stack.architecture]
    sends = MILLION / min(demand.way.array, SEND_BATCH_LIMIT)
    receives = batches * math.ceil(demand.batch / RECEIVE_LIMIT)
    logs = (requests + batches) * INVOCATION_LOG_KB + batches * KIND_LOG_KB + MILLION * TASK_LOG_KB
    traffic = max(requests, MILLION) * RESPONSE_KB
    storage = ROW_KB * stack.retention / MONTH
    return [
        Item("API Gateway, requests", prices.GATEWAY_REQUEST, "requests", requests),
        Item("Lambda, API, requests", prices.FUNCTION_REQUEST, "requests", requests),
        Item("Lambda, API, time", gb_second, "GB-seconds", api_seconds * stack.api_memory / 1024),
        Item("SQS, with fair queues", prices.FAIR_QUEUE_REQUEST, "requests", sends + 2 * receives),
        Item("Lambda, worker, requests", prices.FUNCTION_REQUEST, "requests", batches),
        Item("Lambda, worker, time", gb_second, "GB-seconds", worker_seconds * memory / 1024),
        Item("DynamoDB, writes", prices.TABLE_WRITE, "write units", writes),
        Item("DynamoDB, consistent reads", prices.TABLE_READ, "read units", reads),
        Item("DynamoDB, storage", prices.TABLE_GB_MONTH, "GB-month", storage),
        Item("CloudWatch Logs", prices.LOG_GB, "GB", logs / MILLION),
        Item("outgoing traffic", prices.TRAFFIC_GB, "GB", traffic / MILLION),
    ]


def per_million(demand: Demand, stack: Stack) -> float:
    """Return the cost of a million tasks, with their webhooks."""
    bill = items(demand, stack) + (webhooks(demand, stack) if demand.way.webhook else [])
    return sum(item.usd for item in bill)


def idle_month(stack: Stack) -> list[Item]:
    """Return the bill of a month without tasks."""
    polls = FIRST_POLLERS * MONTH / LONG_POLL  # of a queue
    snapshot = stack.api_memory / 1024 * MONTH
    alarm, queue = prices.ALARM_METRIC_MONTH, prices.QUEUE_REQUEST
    return [
        Item("alarms", alarm, "metric", stack.alarm_metrics),
        Item("dashboard, after the first three", prices.DASHBOARD_MONTH, "dashboard", 1),
        Item("the workers' metrics", prices.METRIC_MONTH, "metric", WORKER_METRICS),
        Item("SnapStart, cache", prices.SNAPSHOT_GB_SECOND, "GB-seconds", snapshot),
        Item("SQS, polls of empty queues", queue, "requests", (stack.queues_polled - 1) * polls),
        Item("webhooks: alarms", alarm, "metric", stack.webhook_alarm_metrics),
        Item("webhooks: polls of their queue", queue, "requests", polls),
    ]


def webhooks(demand: Demand, stack: Stack) -> list[Item]:
    """Return the bill for a million deliveries, each accepted at its first attempt."""
    found = demand.deliveries
    per_delivery = MILLION / found.rate
    invocations = (found.sends + found.starts) * per_delivery
    gb_seconds = found.executions * per_delivery * stack.stream.memory / 1024
    writes, reads = found.writes * per_delivery, found.reads * per_delivery
    storage = ROW_KB * stack.retention / MONTH
    logs = invocations * INVOCATION_LOG_KB + MILLION * TASK_LOG_KB
    return [
        Item("SQS, with fair queues", prices.FAIR_QUEUE_REQUEST, "requests", 3 * MILLION),
        Item("Lambda, requests", prices.FUNCTION_REQUEST, "requests", invocations),
        Item("Lambda, time", prices.GB_SECOND[stack.architecture], "GB-seconds", gb_seconds),
        Item("DynamoDB, writes", prices.TABLE_WRITE, "write units", writes),
        Item("DynamoDB, consistent reads", prices.TABLE_READ, "read units", reads),
        Item("DynamoDB, storage", prices.TABLE_GB_MONTH, "GB-month", storage),
        Item("CloudWatch Logs", prices.LOG_GB, "GB", logs / MILLION),
        Item("outgoing traffic", prices.TRAFFIC_GB, "GB", RESPONSE_KB),
    ]


def per_month(demand: Demand, stack: Stack) -> float:
    """Return the cost of a month at the rate of the demand, without a break."""
    tasks = demand.rate * MONTH / MILLION
    return tasks * per_million(demand, stack) + sum(item.usd for item in idle_month(stack))


def further(stack: Stack) -> list[Item]:
    """Return the items that depend on settings and on the callers."""
    waits = THOUSAND * stack.longest_wait * stack.api_memory / 1024
    backup = ROW_KB * stack.retention / DAY  # GB
    documents = THOUSAND * DOCUMENT_GB * stack.document_days * DAY / MONTH
    # With a key, a task's row and the record are a transaction instead of one put.
    record = 2 * math.ceil((ROW_OVERHEAD + RECORD_ID * MAX_TASKS_WITH_KEY) / 1024)
    single, array = 2 * 2 - 1, record / MAX_TASKS_WITH_KEY
    keyed, write = "`Idempotency-Key`s of", prices.TABLE_WRITE
    return [
        Item(
            f"Lambda, waits of {stack.longest_wait} s",
            prices.GB_SECOND[stack.architecture],
            "GB-seconds",
            waits,
        ),
        Item("SnapStart, starts, per GB", prices.SNAPSHOT_GB_RESTORED, "GB", THOUSAND),
        Item("SnapStart, a version, per GB", prices.SNAPSHOT_GB_SECOND, "GB-seconds", MONTH),
        Item("ECR, an image", prices.IMAGE_GB_MONTH, "GB-month", IMAGE_GB),
        Item("DynamoDB, backups", prices.TABLE_BACKUP_GB_MONTH, "GB-month", backup),
        Item(f"{keyed} single tasks", write, "write units", single * MILLION),
        Item(f"{keyed} arrays of {MAX_TASKS_WITH_KEY}", write, "write units", array * MILLION),
        Item("KMS, a key of your own", prices.KEY_MONTH, "key", 1),
        Item("KMS, uses of this key", prices.KEY_REQUEST, "requests", MILLION),
        Item("S3, writes", prices.OBJECT_WRITE, "requests", 3 * THOUSAND),
        Item("S3, reads", prices.OBJECT_READ, "requests", 3 * THOUSAND),
        Item("S3, storage", prices.OBJECT_GB_MONTH, "GB-month", documents),
    ]
