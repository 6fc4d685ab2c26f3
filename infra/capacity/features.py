"""What features add to the bill of a million tasks that use them; all other tasks pay nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.capacity.costs import MILLION, MONTH, webhooks
from tasks.aws import prices
from tasks.aws.items import SHARDS

if TYPE_CHECKING:
    from infra.capacity.inputs import Stack
    from infra.capacity.model import Demand

ARRAY: Final = 100  # tasks
PAGE: Final = 50  # tasks
# Assumption: each shard of the stream delivers the ends of an array in two groups.
GROUPS: Final = 2


def features(delivered: Demand, stack: Stack) -> list[tuple[str, float]]:
    """Return each feature with its price in US dollars, given a demand with webhooks."""
    request = prices.GATEWAY_REQUEST + prices.FUNCTION_REQUEST
    row_read, row_write = prices.TABLE_READ, prices.TABLE_WRITE
    delivery = sum(item.usd for item in webhooks(delivered, stack)) / MILLION
    # Each group of ends reads the whole array, and so does the attempt.
    batch_reads = (GROUPS * delivered.deliveries.shards + 1) * row_read
    page = request + SHARDS * row_read / 2  # a query of each shard takes at least half a unit
    # A transaction of the record and the row, in place of one put.
    retry = row_read + 3 * row_write
    storage = prices.TABLE_GB_MONTH * stack.retention / MONTH
    return [
        ("a webhook for each task", MILLION * delivery),
        (f"a webhook for each array of {ARRAY}", MILLION * (delivery / ARRAY + batch_reads)),
        (f"each array of {ARRAY} read once as a batch", MILLION * (request / ARRAY + row_read)),
        ("`TaskList`: the index", MILLION * row_write),
        (f"`TaskList`: pages of {PAGE} tasks, each once", MILLION * (page / PAGE + row_read)),
        ("retries, besides their new tasks", MILLION * retry),
        ("`metadata` that makes a row 1 KiB larger", 2 * MILLION * row_write + storage),
        ("`metadata` and `traceparent` in a row of 1 KiB or less", 0.0),
    ]
