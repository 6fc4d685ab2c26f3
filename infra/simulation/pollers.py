"""The functions behind queues in virtual time, and the pollers that invoke them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from functions.worker.batch import MAX_WRITE_THREADS
from functions.worker.document_reader import HAND_OVER_SECONDS
from functions.worker.pipelines import Pipelines
from functions.worker.settings import DEFAULT_RETRIES
from infra.local.event_source import EventSource
from infra.simulation.executor import VirtualExecutor
from infra.simulation.faults import Fault
from infra.simulation.invoker import BuiltHandler, Invoker
from infra.simulation.model import FaultySuggester
from infra.simulation.stack import (
    BUCKET,
    QUEUE_OF_LANE,
    TABLE,
    WEBHOOK_QUEUE,
    template_functions,
    url_of,
)
from infra.simulation.stream_poller import StreamPoller
from infra.simulation.webhooks import build_webhooks
from suggester.kinds import load_registry
from tasks.aws.events import failures_response
from tasks.aws.telemetry import NullTelemetry
from tasks.task import Lane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.local.definitions import EventSourceMapping, Function
    from infra.local.event_source import LocalContext, Message
    from infra.simulation.aws.queue import Queue
    from infra.simulation.stack import Stack

CONCURRENCY: Final = 3  # invocations at once of each event source
LINES_PER_CALL: Final = 2  # of a document, so that small documents take several invocations
MEMORY: Final = 1.0  # GB of each worker
OUTAGE_PAUSE: Final = 1.0  # seconds between two polls of a queue that does not answer
LANE_OF_QUEUE: Final = {queue: lane for lane, queue in QUEUE_OF_LANE.items()}


class SimulatedSource:
    """The queue of an event source, as Lambda's poller uses it."""

    def __init__(self, stack: Stack, queue: Queue) -> None:
        self._stack = stack
        self._queue = queue

    def receive(self, maximum: int, wait: float) -> Sequence[Message]:
        """Return up to ten messages; wait for the first one, if `wait` is not 0."""
        while True:
            while "sqs" in self._stack.nemesis.outages:
                self._stack.scheduler.sleep(OUTAGE_PAUSE)
            if (found := self._queue.receive(maximum)) or not wait:
                return found
            self._stack.scheduler.wait(self._queue.arrivals)

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages, unless the call fails."""
        nemesis = self._stack.nemesis
        for message in messages:
            if "sqs" in nemesis.outages or nemesis.happens(Fault.KEPT):
                continue
            self._queue.delete(message.receipt_handle)


class Poller:
    """One of the concurrent pollers of an event source, with its instance of the function."""

    def __init__(self, stack: Stack, function: Function, mapping: EventSourceMapping) -> None:
        self._invoker = Invoker(stack, function, BUILDERS[function.name])
        self._history = stack.history
        self._source = EventSource(
            SimulatedSource(stack, stack.queues[mapping.queue_name]),
            mapping,
            self._invoke,
            function_name=function.name,
            timeout=function.timeout,
            clock=lambda: stack.scheduler.now,
            pause=stack.scheduler.sleep,
        )

    def run(self) -> None:
        """Poll for ever."""
        while True:
            self._source.poll()

    def _invoke(self, event: dict[str, Any], context: LocalContext) -> dict[str, Any]:
        records = event["Records"]
        kept = self._invoker.invoke(
            event,
            lambda: context.get_remaining_time_in_millis() / 1000,
            task_ids=[self._history.task_id_in(record["body"]) for record in records],
            message_ids=[record["messageId"] for record in records],
            counts=[int(record["attributes"]["ApproximateReceiveCount"]) for record in records],
        )
        return failures_response(kept)


def _build_worker(stack: Stack, function: Function) -> BuiltHandler:
    """Build the worker as its bootstrap does."""
    parts, instance = stack.parts, stack.new_instance(function.name)
    pause, clock = stack.scheduler.sleep, instance.clock
    nemesis = stack.nemesis
    suggester = FaultySuggester(nemesis.model, stack.scheduler, nemesis.condition, instance.random)
    store = parts.store(instance.dynamodb, TABLE, pause)
    names = [mapping.queue_name for mapping in function.event_sources]
    queues = {name: parts.queue(instance.sqs, url_of(name), pause) for name in names}
    pool = VirtualExecutor(stack.scheduler, MAX_WRITE_THREADS)
    retries = parts.retries(DEFAULT_RETRIES, instance.random)
    meter = parts.meter("simulated", MEMORY)
    pipelines = Pipelines(load_registry({}), suggester)
    answer = parts.answer_with(pipelines)
    drinks = parts.drinks(answer, pipelines.registry.split, retries, clock)
    processors: dict[Lane, Any] = dict.fromkeys((LANE_OF_QUEUE[name] for name in names), drinks)
    if Lane.DOCUMENT in processors:
        queue = queues[QUEUE_OF_LANE[Lane.DOCUMENT]]
        reader = parts.reader(
            documents=parts.documents(instance.s3, BUCKET),
            queue=queue,
            lines_of=parts.lines_with(pipelines),
            model=suggester.version,
            clock=clock,
            reserve=HAND_OVER_SECONDS,
            reporter=parts.reporter(store, clock, pool),
            batch=LINES_PER_CALL,
        )
        processors[Lane.DOCUMENT] = parts.document_processor(
            reader.run, store, queue, retries, clock, meter
        )
    silent, kinds_of = NullTelemetry(), pipelines.kinds_of
    worker = parts.worker(processors, store, queues, clock, silent, meter, pool, kinds_of)
    return BuiltHandler(instance, handle=worker.run)


def _build_reaper(stack: Stack, function: Function) -> BuiltHandler:
    parts, instance = stack.parts, stack.new_instance(function.name)
    pause = stack.scheduler.sleep
    store = parts.store(instance.dynamodb, TABLE, pause)
    webhooks = parts.webhook_store(instance.dynamodb, TABLE)
    queue = parts.delivery_queue(instance.sqs, url_of(WEBHOOK_QUEUE), pause)
    reaper = parts.reaper(store, webhooks, queue, instance.clock, NullTelemetry())
    return BuiltHandler(instance, handle=reaper.run)


BUILDERS: Final = {
    "WorkerFunction": _build_worker,
    "DocumentFunction": _build_worker,
    "ReaperFunction": _build_reaper,
    "WebhookFunction": build_webhooks,
}


def start_pollers(stack: Stack) -> None:
    """Start the pollers of all event sources."""
    for function in template_functions().values():
        for mapping in function.event_sources:
            for _ in range(CONCURRENCY):
                poller = Poller(stack, function, mapping)
                stack.scheduler.spawn(f"{mapping.queue_name} poller", poller.run)
    function = template_functions()["WebhookFunction"]
    for shard in stack.stream.shards:
        invoker = Invoker(stack, function, BUILDERS[function.name])
        stack.scheduler.spawn("stream poller", StreamPoller(stack, shard, invoker).run)
