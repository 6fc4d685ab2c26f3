"""What webhooks demand: the table's stream starts deliveries, and a queue holds their attempts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra.capacity.formulas import Duration, occupied
from infra.capacity.quotas import NEW_TABLE_PARTITIONS, PARTITION_WRITES, SHARD_READS

if TYPE_CHECKING:
    from infra.capacity.inputs import Source

# Assumption: until a receiver has answered, with the calls of AWS around it.
ATTEMPT: Final = Duration.fixed(0.25)
WRITES: Final = 2  # write units: the row of a delivery, and its attempt
READS: Final = 3  # read units: the delivery, the task and the secrets


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What a rate of deliveries demands, each accepted at its first attempt. Rates per second."""

    rate: float = 0.0
    needed: int = 0  # executions that send; with fewer of them, the queue grows
    sending: float = 0.0  # executions that send, on average
    sends: float = 0.0  # invocations that send
    starting: float = 0.0  # executions that start deliveries, on average
    starts: float = 0.0  # invocations that start deliveries
    shards: int = NEW_TABLE_PARTITIONS  # of the stream

    @property
    def executions(self) -> float:
        """Concurrent executions of the webhook function, on average."""
        return self.sending + self.starting

    @property
    def writes(self) -> float:
        """Write units."""
        return WRITES * self.rate

    @property
    def reads(self) -> float:
        """Read units."""
        return READS * self.rate


def sending(source: Source, rate: float, servers: int) -> tuple[float, float]:
    """Return the executions that send, on average, and their invocations.

    The attempts of a batch are made at the same time. A batch has one message until all `servers`
    are busy.
    """
    size = min(source.batch_size, max(1.0, occupied(rate, ATTEMPT.mean) / servers))
    return occupied(rate / size, ATTEMPT.mean), rate / size


def starting(source: Source, rate: float, shards: int) -> float:
    """Return the invocations for the records of a stream, which are spread over its shards.

    Lambda invokes nothing for a read without records, whose number has a Poisson distribution.
    """
    reads = shards * SHARD_READS
    return max(reads * -math.expm1(-rate / reads), rate / source.batch_size)


def shards_of(writes: float) -> int:
    """Return the shards of the stream, one for each partition of the table."""
    return max(NEW_TABLE_PARTITIONS, math.ceil(writes / PARTITION_WRITES))
