"""Inspects the table and the queues after the workload has ended."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

KEY_PREFIX: Final = "key#"  # of the rows of Idempotency-Keys
TASK_QUEUES: Final = ("TaskQueue", "BulkQueue")
DEAD_QUEUES: Final = ("DeadLetterQueue", "UnreadableQueue")
QUEUES: Final = (*TASK_QUEUES, *DEAD_QUEUES)
POLL_INTERVAL: Final = 0.2  # seconds
SIZES: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
FOUND_VISIBILITY: Final = 10  # seconds until a message reappears if its deletion failed


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
        patience: the seconds without a change of any queue after which to stop waiting.
        clock: returns the time in seconds.
        pause: waits for a number of seconds.
    """

    def __init__(
        self,
        count: int,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        formats = ("chaos {}, not JSON", '["chaos", {}]', '{{"chaos": {}, "version": 2}}')
        self.bodies = [formats[number % len(formats)].format(number) for number in range(count)]
        self._patience = patience
        self._clock = clock
        self._pause = pause
        self._sqs: Any = boto3.client("sqs")

    def send(self) -> None:
        """Send the messages to the task queues and use up all their receives but one."""
        for number, body in enumerate(self.bodies):
            url = self._url(TASK_QUEUES[number % len(TASK_QUEUES)])
            self._sqs.send_message(QueueUrl=url, MessageBody=body)
        for queue in TASK_QUEUES:
            for _ in range(self._max_receives(queue) - 1):
                self._receive(queue, visibility=0)

    def wait(self) -> int:
        """Wait until only these messages are left, all in dead-letter queues.

        Returns:
            The number of messages in the wrong place when the queues had stopped changing.
        """
        for sizes in self._changing_sizes():
            if not (misplaced := self._misplaced(sizes)):
                break
        return misplaced

    def _misplaced(self, sizes: Mapping[str, int]) -> int:
        waiting = sum(sizes[queue] for queue in TASK_QUEUES)
        return waiting + abs(sum(sizes[queue] for queue in DEAD_QUEUES) - len(self.bodies))

    def take(self) -> tuple[set[str], int]:
        """Take the unreadable messages out of the queues; no function may be polling them.

        A receive whose response was lost only hides its messages for a while, so the search goes
        on until all were found, the queues are empty, or they have stopped changing.

        Returns:
            The messages that were found, and the number of messages left in the queues.
        """
        found: set[str] = set()
        left = 0
        for sizes in self._changing_sizes():
            left = sum(sizes.values())
            if not left or found.issuperset(self.bodies):
                break
            for queue in QUEUES:
                found.update(self._take(queue))
        return found, left

    def _take(self, queue: str) -> Iterator[str]:
        for message in self._receive(queue, visibility=FOUND_VISIBILITY):
            if message["Body"] in self.bodies:
                handle = message["ReceiptHandle"]
                self._sqs.delete_message(QueueUrl=self._url(queue), ReceiptHandle=handle)
                yield message["Body"]

    def _changing_sizes(self) -> Iterator[dict[str, int]]:
        """Yield the sizes of all queues again and again, until they have stopped changing."""
        sizes: dict[str, int] = {}
        changed_at = self._clock()
        while self._clock() - changed_at < self._patience:
            before, sizes = sizes, {queue: self._size(queue) for queue in QUEUES}
            if sizes != before:
                changed_at = self._clock()
            yield sizes
            self._pause(POLL_INTERVAL)

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
        """Return the number of messages, including those in flight."""
        return sum(map(int, self._attributes(queue, SIZES).values()))

    def _attributes(self, queue: str, names: Sequence[str]) -> dict[str, str]:
        attributes: dict[str, str] = self._sqs.get_queue_attributes(
            QueueUrl=self._url(queue), AttributeNames=names
        )["Attributes"]
        return attributes

    def _url(self, queue: str) -> str:
        url: str = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        return url
