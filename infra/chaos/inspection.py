"""Inspects the table and the queues after the workload has ended."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEY_PREFIX: Final = "key#"  # of the rows of Idempotency-Keys
TASK_QUEUES: Final = ("TaskQueue", "BulkQueue")
DEAD_QUEUES: Final = ("DeadLetterQueue", "UnreadableQueue")
POLL_INTERVAL: Final = 0.2  # seconds
SIZES: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
FOUND_VISIBILITY: Final = 600  # seconds; hides found messages while the rest is searched for


@dataclass(frozen=True, slots=True)
class Change:
    """One write to a task's row: the status before it (None for a new row) and after it."""

    task_id: str
    before: str | None
    after: str | None


def changes(table: str) -> Iterator[Change]:
    """Yield every write to the rows of tasks, in order, from the table's stream."""
    arn = boto3.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    streams = boto3.client("dynamodbstreams")
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while records := (response := streams.get_records(ShardIterator=iterator))["Records"]:
        iterator = response["NextShardIterator"]
        for record in records:
            task_id = record["dynamodb"]["Keys"]["task_id"]["S"]
            if not task_id.startswith(KEY_PREFIX):
                before, after = (
                    record["dynamodb"].get(image, {}).get("status", {}).get("S")
                    for image in ("OldImage", "NewImage")
                )
                yield Change(task_id, before, after)


class UnreadableMessages:
    """Messages that no function can read, and that must not be lost on their way.

    Args:
        count: how many messages to make; at most ten for each task queue.
    """

    def __init__(self, count: int) -> None:
        formats = ("chaos {}, not JSON", '["chaos", {}]', '{{"chaos": {}, "version": 2}}')
        self.bodies = [formats[number % len(formats)].format(number) for number in range(count)]
        self._sqs: Any = boto3.client("sqs")

    def send(self) -> None:
        """Send the messages to the task queues and use up all their receives but one."""
        for number, body in enumerate(self.bodies):
            url = self._url(TASK_QUEUES[number % len(TASK_QUEUES)])
            self._sqs.send_message(QueueUrl=url, MessageBody=body)
        for queue in TASK_QUEUES:
            for _ in range(self._max_receives(queue) - 1):
                self._receive(queue, visibility=0)

    def wait(self, deadline: float) -> int:
        """Wait until only these messages are left, all in dead-letter queues.

        Returns:
            The number of messages that were in the wrong place at the deadline.
        """
        while (misplaced := self._misplaced()) and time.monotonic() < deadline:
            time.sleep(POLL_INTERVAL)
        return misplaced

    def _misplaced(self) -> int:
        waiting = sum(map(self._size, TASK_QUEUES))
        return waiting + abs(sum(map(self._size, DEAD_QUEUES)) - len(self.bodies))

    def preserved(self, deadline: float) -> set[str]:
        """Return the messages in the dead-letter queues; no function may be polling them."""
        found: set[str] = set()
        while not found.issuperset(self.bodies) and time.monotonic() < deadline:
            for queue in DEAD_QUEUES:
                messages = self._receive(queue, visibility=FOUND_VISIBILITY)
                found.update(message["Body"] for message in messages)
            time.sleep(POLL_INTERVAL)
        return found & set(self.bodies)

    def _receive(self, queue: str, *, visibility: int) -> Sequence[Any]:
        response = self._sqs.receive_message(
            QueueUrl=self._url(queue),
            MaxNumberOfMessages=10,
            VisibilityTimeout=visibility,
            WaitTimeSeconds=0,
        )
        messages: Sequence[Any] = response.get("Messages", [])
        return messages

    def _max_receives(self, queue: str) -> int:
        attributes = self._attributes(queue, ["RedrivePolicy"])
        return int(json.loads(attributes["RedrivePolicy"])["maxReceiveCount"])

    def _size(self, queue: str) -> int:
        return sum(map(int, self._attributes(queue, SIZES).values()))

    def _attributes(self, queue: str, names: Sequence[str]) -> dict[str, str]:
        attributes: dict[str, str] = self._sqs.get_queue_attributes(
            QueueUrl=self._url(queue), AttributeNames=names
        )["Attributes"]
        return attributes

    def _url(self, queue: str) -> str:
        url: str = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        return url
