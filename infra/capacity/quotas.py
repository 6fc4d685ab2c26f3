"""The quotas of AWS that limit a stack, in one dated table.

They are defaults of an account in a large region, from the documentation of the month below. Yours
are in the console under Service Quotas.
"""

from __future__ import annotations

from typing import Final

MONTH: Final = "2026-11"

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
GATEWAY_REQUESTS: Final = 10_000  # a second, of all APIs of an account; 2,500 in some regions

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
CONCURRENT_EXECUTIONS: Final = 1_000  # of all functions of an account
REQUESTS_PER_EXECUTION: Final = 10  # invocations a second, times the concurrent executions
PROCESSOR_MEMORY: Final = 1_769  # MB with which Lambda gives one processor

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
FIRST_POLLERS: Final = 5  # batches that an event source starts with
BATCHES_PER_PROVISIONED_POLLER: Final = 10
PROVISIONED_BATCHES: Final = 2_000 * BATCHES_PER_PROVISIONED_POLLER  # of an event source

# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
SHARD_READS: Final = 4  # of a shard of a table's stream, a second

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
MESSAGES_IN_FLIGHT: Final = 120_000  # of a standard queue

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Limits.html, on-demand
TABLE_WRITES: Final = 40_000  # write units a second, of a table
TABLE_READS: Final = 40_000  # read units a second, of a table
PARTITION_WRITES: Final = 1_000  # write units a second
PARTITION_READS: Final = 3_000
NEW_TABLE_PARTITIONS: Final = 4  # DynamoDB splits them as the load grows
