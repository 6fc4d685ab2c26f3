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

    from infra.capacity.inputs import Stack
    from infra.capacity.model import Demand

DAY: Final = 86_400  # seconds
POLLERS: Final = "batches of pollers"


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


def quota_limits(demand: Demand, stack: Stack) -> list[Limit]:
    """Return the quotas of the account, the most used first. Executions count at their peaks."""
    webhooks = demand.deliveries
    executions = peak(demand.api + webhooks.executions) + demand.needed
    invocations = demand.requests + demand.batches + webhooks.sends + webhooks.starts
    most_executions = quotas.CONCURRENT_EXECUTIONS
    most_invocations = quotas.REQUESTS_PER_EXECUTION * most_executions
    found = [
        Limit("gateway requests/s", quotas.GATEWAY_REQUESTS, demand.requests),
        Limit("concurrent executions", most_executions, executions),
        Limit("invocations/s", most_invocations, invocations),
        Limit(POLLERS, stack.largest_concurrency, max(demand.needed, webhooks.needed)),
        Limit("messages in flight", quotas.MESSAGES_IN_FLIGHT, demand.in_flight),
        Limit("table writes/s", quotas.TABLE_WRITES, demand.writes + webhooks.writes),
        Limit("table reads/s", quotas.TABLE_READS, demand.reads + webhooks.reads),
    ]
    return sorted(found, key=lambda limit: limit.used, reverse=True)


def changes(demand: Demand, stack: Stack) -> Iterator[str]:
    """Yield what to change so that a stack meets a demand: settings, then quotas."""
    by_day = demand.requests * DAY / stack.key_daily_quota
    keys = math.ceil(max(demand.requests / stack.key_rate, by_day))
    if keys > 1:
        yield f"{keys:,} keys, or a higher `KeyRate` and `KeyDailyQuota`"
    rate = Limit("", stack.throttle_rate, demand.requests)
    if rate.used > 1:
        yield f"`ThrottleRate={rate.proposed}`, and `ThrottleBurst` twice that"
    webhooks = demand.deliveries
    yield from _pollers(max(demand.needed, webhooks.needed), stack)
    readers = math.ceil(webhooks.starting / UTILIZATION / webhooks.shards)
    if readers > stack.stream_readers:
        yield f"`ParallelizationFactor={readers}` of the table's stream"
    partitions = quotas.NEW_TABLE_PARTITIONS
    writes = Limit("", partitions * quotas.PARTITION_WRITES, demand.writes + webhooks.writes)
    reads = Limit("", partitions * quotas.PARTITION_READS, demand.reads + webhooks.reads)
    if max(writes.used, reads.used) > 1:
        units = f"{writes.proposed:,} writes/s, {reads.proposed:,} reads/s"
        yield f"the table's `WarmThroughput`: {units}"
    short = [limit for limit in quota_limits(demand, stack) if limit.used > 1]
    for limit in short:
        if limit.name != POLLERS:
            yield f"quota of {limit.name}: {limit.proposed:,} instead of {limit.value:,.0f}"
    if short:
        stacks = math.ceil(short[0].used / UTILIZATION)
        yield f"or {stacks} stacks by hash of the owner, in other accounts or regions"
        if demand.way.array == 1:
            yield "or arrays"


def _pollers(needed: int, stack: Stack) -> Iterator[str]:
    if needed > quotas.PROVISIONED_BATCHES:
        stacks = math.ceil(needed / quotas.PROVISIONED_BATCHES)
        yield f"{stacks} stacks, each with provisioned pollers"
    elif needed > stack.largest_concurrency:
        pollers = math.ceil(needed / quotas.BATCHES_PER_PROVISIONED_POLLER)
        yield f"`ProvisionedPollerConfig` with {pollers:,} pollers in place of `ScalingConfig`"
    elif needed > stack.concurrency:
        yield f"`MaximumConcurrency={needed}`"
