"""The poller between a shard of the table's stream and the function, as Lambda works."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from infra.simulation.faults import Fault
from infra.simulation.invoker import FunctionFailed
from infra.simulation.stack import stream_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.simulation.aws.stream import Record, Shard
    from infra.simulation.invoker import Invoker
    from infra.simulation.stack import Stack

DESTINATION: Final = "UnreadableQueue"
LATENCY: Final = 0.2  # seconds until a change can be read
PAUSES: Final = (1.0, 60.0)  # seconds before a repetition, at first and at most


class StreamPoller:
    """Invokes the function with the changes of a shard, in their order, at least once each."""

    def __init__(self, stack: Stack, shard: Shard, invoker: Invoker) -> None:
        self._stack = stack
        self._shard = shard
        self._invoker = invoker
        self._source = stream_source()

    def run(self) -> None:
        """Poll for ever."""
        while True:
            if not self._shard.records:
                self._stack.scheduler.wait(self._shard.arrivals)
            self._stack.scheduler.sleep(LATENCY + self._stack.nemesis.delay())
            batch = self._shard.records[: self._source.batch_size]
            del self._shard.records[: len(batch)]
            self._process(batch)
            if batch and self._stack.nemesis.happens(Fault.REPEATED):
                self._process(batch)

    def _process(self, batch: Sequence[Record]) -> None:
        """Invoke the function until it has processed all; halve a batch that failed."""
        pause, longest = PAUSES
        while batch := self._young(batch):
            failed = self._invoke(batch)
            batch = batch[failed:]
            if not batch:
                return
            self._stack.scheduler.sleep(pause)
            pause = min(2 * pause, longest)
            if len(batch) > 1:
                middle = len(batch) // 2
                self._process(batch[:middle])
                batch = batch[middle:]

    def _young(self, batch: Sequence[Record]) -> Sequence[Record]:
        """Return the records that are not too old; the others go to the destination."""
        oldest = self._stack.scheduler.now - self._source.maximum_age
        for record in batch:
            if record.at < oldest:
                lost = {"DDBStreamBatchInfo": {"startSequenceNumber": record.sequence}}
                self._stack.queues[DESTINATION].send(json.dumps(lost))
        return [record for record in batch if record.at >= oldest]

    def _invoke(self, batch: Sequence[Record]) -> int:
        """Return how many records were processed before the first that failed."""
        ends_at = self._stack.scheduler.now + self._invoker.timeout
        try:
            kept = self._invoker.invoke(
                {"Records": [record.content for record in batch]},
                lambda: ends_at - self._stack.scheduler.now,
                task_ids=[record.key for record in batch],
                message_ids=[record.sequence for record in batch],
            )
        except FunctionFailed:
            return 0
        sequences = [record.sequence for record in batch]
        return min((sequences.index(sequence) for sequence in kept), default=len(batch))
