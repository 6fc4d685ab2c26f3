"""The stack in virtual time: the template's table, queues, bucket, functions and event sources."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, Final

from infra.local.local_template import local_functions
from infra.local.template import read_template, resources_of
from infra.simulation.aws.client import SimulatedClient
from infra.simulation.aws.dynamodb import DynamoTable
from infra.simulation.aws.queue import Queue
from infra.simulation.aws.s3 import SimulatedS3, etag_of
from infra.simulation.aws.sqs import SimulatedSqs
from infra.simulation.aws.stream import TableStream
from infra.simulation.scheduler import ProcessDied
from tasks.other_buckets import OtherBuckets
from tasks.task import Lane

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.definitions import Function
    from infra.simulation.aws.dynamodb import Item
    from infra.simulation.history import History
    from infra.simulation.nemesis import Nemesis
    from infra.simulation.parts import Parts
    from infra.simulation.scheduler import Process, Scheduler

TABLE: Final = "TaskTable"
BUCKET: Final = "DocumentBucket"
OTHERS: Final = OtherBuckets(("orders", "archive/in"))  # which callers may name
WEBHOOK_QUEUE: Final = "WebhookQueue"
SHARDS: Final = 2  # of the table's stream
TTL_LATENESS: Final = (60.0, 172_800.0)  # seconds; DynamoDB deletes within a few days
QUEUE_OF_LANE: Final = {
    Lane.INTERACTIVE: "TaskQueue",
    Lane.BULK: "BulkQueue",
    Lane.DOCUMENT: "DocumentQueue",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of a deployment that a round chooses, in seconds."""

    deadline: int = 3600
    retention: int = 86_400


@dataclass(frozen=True, slots=True)
class StreamSource:
    """The event source of the stream: the largest batch, the greatest age in seconds, a filter."""

    batch_size: int
    maximum_age: float
    pattern: str


@cache
def template_functions() -> dict[str, Function]:
    """Return the functions of the template."""
    return local_functions(read_template())


@cache
def template_queues() -> dict[str, dict[str, Any]]:
    """Return the properties of the template's queues; a dead-letter queue comes first."""
    found = {
        name: resource["Properties"]
        for name, resource in resources_of(read_template(), "AWS::SQS::Queue").items()
    }
    return dict(sorted(found.items(), key=lambda pair: _depth(pair[0], found)))


@cache
def stream_source() -> StreamSource:
    """Return the event source of the table's stream."""
    properties = resources_of(read_template(), "AWS::Serverless::Function")["WebhookFunction"]
    events = properties["Properties"]["Events"].values()
    [found] = [event["Properties"] for event in events if event["Type"] == "DynamoDB"]
    [only] = found["FilterCriteria"]["Filters"]
    return StreamSource(found["BatchSize"], found["MaximumRecordAgeInSeconds"], only["Pattern"])


def _depth(name: str, queues: dict[str, dict[str, Any]]) -> int:
    dead = _dead_queue(queues[name])
    return 0 if dead is None else 1 + _depth(dead, queues)


def _dead_queue(properties: dict[str, Any]) -> str | None:
    if "RedrivePolicy" not in properties:
        return None
    name: str = properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    return name


def url_of(queue: str) -> str:
    """Return the URL of a queue."""
    return f"https://sqs/{queue}"


class Instance:
    """An instance of a function: its clock, its clients and what was built of them."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.name = name
        self.offset = stack.nemesis.clock_offset()
        self.model = stack.nemesis.model
        self._scheduler = stack.scheduler
        random = Random(stack.random.getrandbits(64))
        self.random = random
        network, scheduler = stack.nemesis, stack.scheduler
        self.dynamodb = SimulatedClient(stack.table, network, scheduler, random)
        self.sqs = SimulatedClient(stack.sqs, network, scheduler, random)
        self.s3 = SimulatedClient(stack.bucket, network, scheduler, random)

    def clock(self) -> float:
        """Return the time according to this instance."""
        return self._scheduler.now + self.offset


@dataclass(slots=True)
class Built:
    """A function in an instance: the process that runs in it, if any."""

    instance: Instance
    process: Process | None = None


class Stack:
    """Everything that is deployed.

    Attributes:
        scheduler: the time.
        history: what happened.
        nemesis: the faults.
        parts: the code under test.
        settings: the parameters of the deployment.
        random: what is left to chance outside the nemesis.
        table: the table.
        stream: the changes of the table.
        queues: the queues by logical id.
        bucket: the bucket.
        instances: the instances of functions by name.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        history: History,
        nemesis: Nemesis,
        parts: Parts,
        settings: Settings,
        random: Random,
    ) -> None:
        self.scheduler = scheduler
        self.history = history
        self.nemesis = nemesis
        self.parts = parts
        self.settings = settings
        self.random = random
        self.table = DynamoTable(scheduler, TABLE, self._on_row_written)
        self.stream = TableStream(scheduler, json.loads(stream_source().pattern), SHARDS)
        self.queues: dict[str, Queue] = {}
        for name, properties in template_queues().items():
            self.queues[name] = self._queue(name, properties)
        self.sqs = SimulatedSqs({url_of(name): queue for name, queue in self.queues.items()})
        others = [place.partition("/")[0] for place in OTHERS.places]
        self.bucket = SimulatedS3(BUCKET, self._on_file_written, self._on_file_read, others)
        self.instances: dict[str, Built] = {}
        self._started: dict[str, int] = {}

    def _queue(self, name: str, properties: dict[str, Any]) -> Queue:
        dead = _dead_queue(properties)
        return Queue(
            self.scheduler,
            name,
            properties.get("VisibilityTimeout", 30),
            properties["MessageRetentionPeriod"],
            properties["RedrivePolicy"]["maxReceiveCount"] if dead else 0,
            self.queues[dead] if dead else None,
            self.history,
            self.nemesis,
        )

    def _on_row_written(self, key: str, before: Item | None, after: Item | None) -> None:
        """Note the write, pass it on, and let the row be deleted some time after its expiry."""
        self.history.row_written(key, before, after)
        self.stream.write(key, before, after)
        if after is None or "expires_at" not in after:
            return
        if before is None or before["expires_at"] != after["expires_at"]:
            late = self.random.random() * self.random.choice(TTL_LATENESS)
            at = float(after["expires_at"]["N"]) + late
            self.scheduler.at(at, lambda: self.table.expire(key))

    def _on_file_written(self, key: str, content: bytes) -> None:
        etag = etag_of(content)
        self.history.contents[etag] = content
        self.history.file("written", key, etag)

    def _on_file_read(self, key: str, content: bytes, start: int) -> None:
        self.history.file("read", key, etag_of(content), start)

    def new_instance(self, function: str) -> Instance:
        """Return a new instance of a function."""
        self._started[function] = number = self._started.get(function, 0) + 1
        return Instance(self, f"{function}-{number}")

    def run(
        self, built: Built, kind: str, function: Callable[[], Any], timeout: float, **facts: Any
    ) -> Any:
        """Run a function in an instance, as a process of its own that Lambda ends in time.

        Raises:
            ProcessDied: it was killed, or ran out of time.
            Exception: the one that it raised.
        """
        instance = built.instance
        span = self.history.start_span(kind, instance.name, timeout)
        for name, value in facts.items():
            setattr(span, name, value)
        began = instance.offset
        process = self.scheduler.spawn(f"{instance.name}/{span.number}", function, span)
        self.scheduler.at(span.ends_at, process.kill)
        built.process = process
        try:
            result = self.scheduler.join(process)
        except ProcessDied:
            span.ending = "died"
            raise
        except Exception as error:
            span.ending = type(error).__name__
            raise
        else:
            span.ending = "returned"
            return result
        finally:
            span.ended_at = self.scheduler.now
            span.skews = (began, instance.offset)
