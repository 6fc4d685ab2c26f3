"""The model: how long tasks wait at a rate, and what they demand of AWS."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from functions.api.long_polling import FIRST_PAUSE, GROWTH, LONGEST_PAUSE
from functions.worker.batch import MAX_WRITE_THREADS
from infra.capacity.deliveries import ATTEMPT, Deliveries, sending, shards_of, starting
from infra.capacity.formulas import Duration, Wait, occupied, queue_wait
from infra.capacity.quotas import FIRST_POLLERS, PROCESSOR_MEMORY
from tasks.aws.sqs import SEND_BATCH_LIMIT

if TYPE_CHECKING:
    from infra.capacity.inputs import ServiceTimes, Source, Stack

# Assumptions: the model's only numbers that are neither measured nor read from the template.
TABLE_CALL: Final = Duration.lognormal(p50=0.005, p99=0.020)  # one of DynamoDB
QUEUE_CALL: Final = Duration.lognormal(p50=0.010, p99=0.050)  # one of SQS
DELIVERY: Final = Duration.lognormal(p50=0.020, p99=0.150)  # from SendMessage to the worker's start
UTILIZATION: Final = 0.8  # of the workers; the rest is for bursts
POLLS: Final = 2  # of a caller that polls: the first is too early
ROUNDS: Final = 2  # in which a waiting request reads the other tasks of an array


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which callers send tasks."""

    name: str
    array: int  # the tasks in a request
    waits: bool  # requests wait for their results; otherwise each task is polled
    source: str  # the event source of the queue
    webhook: bool = False  # results are delivered instead


WAYS: Final = (
    Way("one by one, polled", 1, waits=False, source="Interactive"),
    Way("one by one, waiting", 1, waits=True, source="Interactive"),
    Way("bulk arrays of 100, waiting", 100, waits=True, source="Bulk"),
    Way("one by one, with webhooks", 1, waits=False, source="Interactive", webhook=True),
)


@dataclass(frozen=True, slots=True)
class Batches:
    """How the workers take tasks from the queue. Times are in seconds."""

    size: float  # the mean number of tasks in a batch
    collecting: float  # the longest time in which a batch is collected
    wait: Wait  # of a batch for a worker
    service: Duration  # of a worker, for the batch that a task is in
    workers: float  # busy ones, on average

    def percentile(self, share: float) -> float:
        """Return the percentile (0.5 or 0.99) of the time from the queue to the final row."""
        service = self.service.p50 if share == 0.5 else self.service.p99  # noqa: PLR2004
        return self.collecting + self.wait.percentile(share) + service

    @property
    def mean(self) -> float:
        """The mean time from the queue to the final row."""
        return self.collecting + self.wait.mean + self.service.mean


@dataclass(frozen=True, slots=True)
class Demand:
    """What a rate of tasks demands. Times are in seconds, rates per second."""

    way: Way
    rate: float  # of tasks
    p50: float  # the median of the time from a request to the final row
    p99: float
    requests: float  # to the gateway; each invokes the API function
    api: float  # concurrent executions of the API function, on average
    needed: int  # workers; with fewer of them, the queue grows
    workers: float  # busy ones, on average
    batch: float  # tasks in an invocation of a worker
    batches: float
    writes: float  # write units of tasks
    reads: float  # read units of tasks
    in_flight: float  # messages
    deliveries: Deliveries


@dataclass(frozen=True, slots=True)
class Model:
    """The model of a stack."""

    stack: Stack
    times: ServiceTimes

    def demand(self, way: Way, rate: float) -> Demand:
        """Return what a rate demands, with `MaximumConcurrency` workers or as many as it needs."""
        source = self.stack.sources[way.source]
        needed = self.needed_workers(source, rate)
        batches = self.batches(source, rate, max(needed, self.stack.concurrency), way.array)
        submit = self.submit(way.array)
        requests, busy, reads = self._requests(way, batches)
        writes = rate * ((1 if way.array == 1 else 2) + 1)  # a transaction writes twice
        return Demand(
            way=way,
            rate=rate,
            p50=submit.p50 + DELIVERY.p50 + batches.percentile(0.5),
            p99=submit.p99 + DELIVERY.p99 + batches.percentile(0.99),
            requests=rate * requests,
            api=occupied(rate, busy),
            needed=needed,
            workers=batches.workers,
            batch=batches.size,
            batches=rate / batches.size,
            writes=writes,
            reads=rate * reads,
            in_flight=occupied(rate, batches.collecting + batches.service.mean),
            deliveries=self.deliveries(rate, writes) if way.webhook else Deliveries(),
        )

    def deliveries(self, rate: float, writes: float) -> Deliveries:
        """Return what deliveries demand, for tasks that need these write units themselves."""
        queue = self.stack.sources["Deliveries"]
        needed = math.ceil(occupied(rate / queue.batch_size, ATTEMPT.mean) / UTILIZATION)
        busy, sends = sending(queue, rate, max(needed, self.stack.concurrency))
        start = (TABLE_CALL + QUEUE_CALL).mean  # the row, and the message of the first attempt
        found = Deliveries(rate, needed, busy, sends, occupied(rate, start))
        shards = shards_of(writes + found.writes)
        return replace(found, starts=starting(self.stack.stream, rate, shards), shards=shards)

    def submit(self, array: int) -> Duration:
        """Return the time of the API function for a submission."""
        if array == 1:
            return self._api("submit one drink") + TABLE_CALL + QUEUE_CALL
        sends = math.ceil(array / SEND_BATCH_LIMIT)
        cpu = self._api(f"submit an array of {array} drinks")
        return cpu + TABLE_CALL.times(2) + QUEUE_CALL.times(sends)  # a transaction has two phases

    def work(self, source: Source, size: float) -> Duration:
        """Return the time of a worker for a batch: the CPU time, then the updates in threads."""
        cpu = self.times.batch_seconds(size) / _share(source.memory)
        return Duration.fixed(cpu) + TABLE_CALL.times(math.ceil(size / MAX_WRITE_THREADS))

    def needed_workers(self, source: Source, rate: float) -> int:
        """Return the workers that full batches keep busy to `UTILIZATION`."""
        full = self.work(source, source.batch_size)
        return math.ceil(occupied(rate / source.batch_size, full.mean) / UTILIZATION)

    def batches(self, source: Source, rate: float, servers: int, array: int = 1) -> Batches:
        """Return the batches of a queue at a number of workers.

        With a window, each poller collects messages until the window or the batch is full.
        """
        if not source.window:
            return self._greedy_batches(source, rate, servers)
        pollers = max(FIRST_POLLERS, self.needed_workers(source, rate))
        found = max(array, rate * source.window) / pollers
        size = min(source.batch_size, max(1.0, found))
        collecting = min(source.window, size * pollers / rate)
        service = self.work(source, size)
        wait = queue_wait(rate / size, service, servers, array / size)
        workers = occupied(rate / size, service.mean)
        return Batches(size, collecting, wait, service, workers)

    def _greedy_batches(self, source: Source, rate: float, servers: int) -> Batches:
        """Return batches of the messages that are there when a worker is free.

        If the workers cannot keep up with single messages, some batches are larger. Of all batch
        sizes with which they keep up, single messages and full batches delay the messages most, so
        this is an upper bound. The next worker is free after 1 / `servers` of a service time, and
        full batches may wait before.
        """
        largest = source.batch_size
        one, full = self.work(source, 1), self.work(source, largest)
        excess = rate * one.mean / servers - 1
        spare = (largest - 1) - rate * (full.mean - one.mean) / servers
        share = 0.0 if excess <= 0 else min(1.0, excess / spare) if spare > 0 else 1.0
        size = 1 + share * (largest - 1)
        batch_mean = one.mean + share * (full.mean - one.mean)
        wait = queue_wait(rate, one, servers)
        queue = queue_wait(rate / largest, full, servers, 1 / largest)
        next_free = batch_mean / servers + queue.mean
        if next_free < wait.mean:
            wait = Wait(1.0, next_free)
        service = one.mixed(full, share * largest / size)
        return Batches(size, 0.0, wait, service, occupied(rate / size, batch_mean))

    def _requests(self, way: Way, batches: Batches) -> tuple[float, float, float]:
        """Return requests, seconds of the API function, and read units, all for one task."""
        submit = self.submit(way.array).mean
        if way.webhook:
            return 1, submit, 0
        if not way.waits:
            poll = self._api("poll a task that is not final") + TABLE_CALL
            return 1 + POLLS, submit + POLLS * poll.mean, POLLS
        reads, seconds = self.wait_in_request(DELIVERY.mean + batches.mean)
        reads += ROUNDS * (way.array - 1)
        return 1 / way.array, (submit + seconds) / way.array, reads / way.array

    def wait_in_request(self, until_final: float) -> tuple[int, float]:
        """Return how often a waiting request reads its last task, and how many seconds it waits.

        It pauses for longer each time. A read takes as much CPU time as a poll.
        """
        read = (self._api("poll a task that is not final") + TABLE_CALL).mean
        reads, elapsed, pause = 0, 0.0, FIRST_PAUSE
        while elapsed < min(until_final, self.stack.longest_wait):
            elapsed += pause + read
            pause = min(pause * GROWTH, LONGEST_PAUSE)
            reads += 1
        return reads, elapsed

    def _api(self, request: str) -> Duration:
        return Duration.fixed(self.times.seconds(request) / _share(self.stack.api_memory))


def _share(memory: int) -> float:
    """Return the share of a processor that Lambda gives; Python uses no more than one."""
    return min(1.0, memory / PROCESSOR_MEMORY)
