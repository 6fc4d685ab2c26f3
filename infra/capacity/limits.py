"""What stops a stack at a rate: its own settings, then the quotas of the account."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra.capacity import quotas
from infra.capacity.formulas import peak
from infra.capacity.model import UTILIZATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.capacity.model import Demand
    from infra.capacity.stack import Stack

DAY: Final = 86_400  # seconds
PROVISIONED: Final = quotas.PROVISIONED_POLLERS * quotas.BATCHES_PER_PROVISIONED_POLLER


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit, and how much of it a demand needs."""

    name: str
    value: float
    needed: float

    @property
    def used(self) -> float:
        """The share of the limit that is needed; above 1, the limit is too low."""
        return self.needed / self.value

    @property
    def proposed(self) -> int:
        """A sufficient value, with room for bursts: two digits, then zeros."""
        exact = self.needed / UTILIZATION
        unit = int(10.0 ** max(0, math.floor(math.log10(exact)) - 1))
        return math.ceil(exact / unit) * unit


def concurrent_executions(demand: Demand) -> float:
    """Return the executions that a demand needs at its peaks."""
    return peak(demand.api) + demand.needed


def quota_limits(demand: Demand, stack: Stack) -> list[Limit]:
    """Return the quotas of the account, the most used first."""
    executions = concurrent_executions(demand)
    invocations = demand.requests + demand.batches
    found = [
        Limit("gateway requests/s", quotas.GATEWAY_REQUESTS, demand.requests),
        Limit("concurrent executions", quotas.CONCURRENT_EXECUTIONS, executions),
        Limit(
            "invocations/s",
            quotas.REQUESTS_PER_EXECUTION * quotas.CONCURRENT_EXECUTIONS,
            invocations,
        ),
        Limit("batches of pollers", stack.largest_concurrency, demand.needed),
        Limit("messages in flight", quotas.MESSAGES_IN_FLIGHT, demand.in_flight),
        Limit("table writes/s", quotas.TABLE_WRITES, demand.writes),
        Limit("table reads/s", quotas.TABLE_READS, demand.reads),
    ]
    return sorted(found, key=lambda limit: limit.used, reverse=True)


def changes(demand: Demand, stack: Stack) -> Iterator[str]:
    """Yield what to change so that a stack meets a demand: settings, then quotas."""
    keys = keys_needed(demand, stack)
    if keys > 1:
        yield f"{keys:,} keys, or a higher `KeyRate` and `KeyDailyQuota`"
    rate = Limit("", stack.throttle_rate, demand.requests)
    if rate.used > 1:
        yield f"`ThrottleRate={rate.proposed}`, and `ThrottleBurst` twice that"
    yield from _pollers(demand, stack)
    partitions = quotas.NEW_TABLE_PARTITIONS
    writes = Limit("", partitions * quotas.PARTITION_WRITES, demand.writes)
    reads = Limit("", partitions * quotas.PARTITION_READS, demand.reads)
    if max(writes.used, reads.used) > 1:
        units = f"{writes.proposed:,} writes/s, {reads.proposed:,} reads/s"
        yield f"the table's `WarmThroughput`: {units}"
    short = [limit for limit in quota_limits(demand, stack) if limit.used > 1]
    for limit in short:
        if limit.name != "batches of pollers":
            yield f"quota of {limit.name}: {limit.proposed:,} instead of {limit.value:,.0f}"
    if short:
        stacks = math.ceil(short[0].used / UTILIZATION)
        yield f"or {stacks} stacks by hash of the owner, in other accounts or regions"
        if demand.way.array == 1:
            yield "or arrays"


def keys_needed(demand: Demand, stack: Stack) -> int:
    """Return over how many API keys the requests must be spread, with the limits of each key."""
    by_day = demand.requests * DAY / stack.key_daily_quota
    return math.ceil(max(demand.requests / stack.key_rate, by_day))


def _pollers(demand: Demand, stack: Stack) -> Iterator[str]:
    if demand.needed > PROVISIONED:
        yield f"{math.ceil(demand.needed / PROVISIONED)} stacks, each with provisioned pollers"
    elif demand.needed > stack.largest_concurrency:
        pollers = math.ceil(demand.needed / quotas.BATCHES_PER_PROVISIONED_POLLER)
        yield f"`ProvisionedPollerConfig` with {pollers:,} pollers in place of `ScalingConfig`"
    elif demand.needed > stack.concurrency:
        yield f"`MaximumConcurrency={demand.needed}`"


def seconds_from_idle(demand: Demand, stack: Stack) -> float:
    """Return how long Lambda takes to start the pollers and the executions of this demand."""
    is_provisioned = demand.needed > stack.largest_concurrency
    rate = quotas.PROVISIONED_POLLER_RATE if is_provisioned else quotas.POLLER_RATE
    pollers = max(0, demand.needed - quotas.FIRST_POLLERS) / rate
    return max(pollers, demand.api / quotas.SCALING_RATE)
