"""The batch loop: receive → process → commit → report."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from functions.worker.dispositions import Commit, Continued, Retry
from functions.worker.metrics import record_batch
from functions.worker.processors import log_fields
from tasks.aws.events import read_event
from tasks.failure_log import log_failures
from tasks.ports import SAFETY_MARGIN
from tasks.task import DEADLINE_EXCEEDED, Lane, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor

    from functions.worker.dispositions import Disposition
    from functions.worker.metrics import KindsOf, UsageMeter
    from functions.worker.processors import Processor
    from tasks.aws.events import Delivery
    from tasks.failure_log import Failure
    from tasks.ports import TaskQueue, TaskStore, Telemetry
    from tasks.task import Usage

MAX_WRITE_THREADS: Final = 8

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BatchWorker:
    """Processes batches of deliveries.

    Attributes:
        processors: a processor for each lane that this worker serves.
        store: the table, where outcomes are written.
        queues: the queues by name, to schedule retries.
        clock: returns the time in seconds since the epoch.
        telemetry: the metrics.
        meter: computes the usage of a task.
        pool: the threads that write the outcomes of a batch.
        kinds_of: returns the kinds that a message asks for, for the metrics.
    """

    processors: Mapping[Lane, Processor]
    store: TaskStore
    queues: Mapping[str, TaskQueue]
    clock: Callable[[], float]
    telemetry: Telemetry
    meter: UsageMeter
    pool: Executor
    kinds_of: KindsOf

    def run(self, event: object, remaining: Callable[[], float]) -> list[str]:
        """Process an SQS event and return the ids of the messages that must not be deleted.

        Args:
            event: the event, as Lambda passes it.
            remaining: returns the seconds until Lambda ends this invocation.
        """
        started = self.clock()
        deliveries, kept = self._receive(event)
        if not deliveries:
            return kept
        dispositions = self._process(deliveries, remaining)
        usage = self.meter.usage(self.clock() - started, len(deliveries))
        failures: list[Failure] = []
        commit = partial(self._commit, usage=usage, remaining=remaining, failures=failures)
        # A single write needs no other thread.
        apply = self.pool.map if len(deliveries) > 1 else map
        commits = list(apply(commit, deliveries, dispositions))
        log_failures(logger, "Outcomes or retries could not be written", failures)
        record_batch(self.telemetry, deliveries, dispositions, commits, self.kinds_of)
        pairs = zip(deliveries, commits, strict=True)
        return kept + [delivery.message_id for delivery, commit in pairs if commit is Commit.NONE]

    def _receive(self, event: object) -> tuple[list[Delivery], list[str]]:
        """Return the deliveries of this worker's lanes, and the ids of all other messages."""
        deliveries, unreadable = read_event(event)
        served = [found for found in deliveries if found.message.lane in self.processors]
        for delivery in deliveries:
            if delivery.message.lane not in self.processors:
                logger.error("The message is in the wrong queue", extra=log_fields(delivery))
                unreadable.append(delivery.message_id)
        return served, unreadable

    def _process(
        self, deliveries: Sequence[Delivery], remaining: Callable[[], float]
    ) -> list[Disposition]:
        """Return the disposition of each delivery; those past their deadline are not processed."""
        now = self.clock()
        found: dict[int, Disposition] = {}
        for index, delivery in enumerate(deliveries):
            if now >= delivery.message.deadline:
                found[index] = Outcome(
                    Status.FAIL,
                    now,
                    now,
                    error=DEADLINE_EXCEEDED,
                    attempts=delivery.receive_count,
                )
        for lane, processor in self.processors.items():
            indices = [
                index
                for index, delivery in enumerate(deliveries)
                if delivery.message.lane is lane and index not in found
            ]
            if indices:
                processed = processor.process([deliveries[index] for index in indices], remaining)
                found.update(zip(indices, processed, strict=True))
        return [found[index] for index in range(len(deliveries))]

    def _commit(
        self,
        delivery: Delivery,
        disposition: Disposition,
        *,
        usage: Usage,
        remaining: Callable[[], float],
        failures: list[Failure],
    ) -> Commit:
        """Write the disposition; an error is added to `failures`.

        If it cannot be written, the message is redelivered after its visibility timeout, so that
        its receives outlast a table that is unavailable for minutes. Nothing is written when time
        is nearly up, except for a document, whose work would be lost.
        """
        if isinstance(disposition, Continued):
            return Commit.NEEDLESS
        try:
            if isinstance(disposition, Retry):
                # If this fails, the message is redelivered after its visibility timeout.
                queue = self.queues[delivery.queue]
                queue.change_visibility(delivery.receipt_handle, disposition.seconds)
            elif remaining() >= SAFETY_MARGIN or delivery.message.lane is Lane.DOCUMENT:
                return self._write(delivery, replace(disposition, usage=disposition.usage or usage))
        except Exception as error:  # noqa: BLE001 - any error affects only one task
            failures.append((delivery.message.trace_fields, error))
        return Commit.NONE

    def _write(self, delivery: Delivery, outcome: Outcome) -> Commit:
        if self.store.finish(delivery.message.task_id, outcome):
            return Commit.WRITTEN
        logger.info("The task was already final", extra=log_fields(delivery))
        return Commit.NEEDLESS
