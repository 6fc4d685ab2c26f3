"""What the table and the queues tell when the callers are done."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEY_PREFIX: Final = "key#"  # of the rows that stand for an Idempotency-Key
TASK_QUEUES: Final = ("TaskQueue", "BulkQueue")
DEAD_QUEUES: Final = ("DeadLetterQueue", "UnreadableQueue")
POLL: Final = 0.2  # seconds between two looks at a queue
SIZES: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
HELD: Final = 600  # seconds for which what was found is hidden, so that the rest is found


@dataclass(frozen=True, slots=True)
class Change:
    """One write to the row of a task: its status before, None for a new row, and after."""

    task_id: str
    before: str | None
    after: str | None


def changes(table: str) -> Iterator[Change]:
    """Yield every write to a task's row, in order, as the table's stream tells it."""
    arn = boto3.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    streams = boto3.client("dynamodbstreams")
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while records := (answer := streams.get_records(ShardIterator=iterator))["Records"]:
        iterator = answer["NextShardIterator"]
        for record in records:
            task_id = record["dynamodb"]["Keys"]["task_id"]["S"]
            if not task_id.startswith(KEY_PREFIX):
                before, after = (
                    record["dynamodb"].get(image, {}).get("status", {}).get("S")
                    for image in ("OldImage", "NewImage")
                )
                yield Change(task_id, before, after)


class Letters:
    """Messages that nobody can read, ten a queue at most, and the way that they must go."""

    def __init__(self, count: int) -> None:
        kinds = ("chaos {}, no JSON", '["chaos", {}]', '{{"chaos": {}, "version": 2}}')
        self.bodies = [kinds[number % len(kinds)].format(number) for number in range(count)]
        self._sqs: Any = boto3.client("sqs")

    def send(self) -> None:
        """Put them in the queues of tasks, with one receive left until they are given up."""
        for number, body in enumerate(self.bodies):
            url = self._url(TASK_QUEUES[number % len(TASK_QUEUES)])
            self._sqs.send_message(QueueUrl=url, MessageBody=body)
        for queue in TASK_QUEUES:
            for _ in range(self._most_receives(queue) - 1):
                self._receive(queue, 0)

    def wait(self, until: float) -> int:
        """Wait until nothing but them is anywhere; returns how many messages are left over."""
        while (left := self._left_over()) and time.monotonic() < until:
            time.sleep(POLL)
        return left

    def _left_over(self) -> int:
        waiting = sum(map(self._size, TASK_QUEUES))
        return waiting + abs(sum(map(self._size, DEAD_QUEUES)) - len(self.bodies))

    def kept(self, until: float) -> set[str]:
        """Return those that are found behind the queues of tasks; nobody else may be receiving."""
        found: set[str] = set()
        while not found.issuperset(self.bodies) and time.monotonic() < until:
            for queue in DEAD_QUEUES:
                found.update(message["Body"] for message in self._receive(queue, HELD))
            time.sleep(POLL)
        return found & set(self.bodies)

    def _receive(self, queue: str, visibility: int) -> Sequence[Any]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url(queue),
            MaxNumberOfMessages=10,
            VisibilityTimeout=visibility,
            WaitTimeSeconds=0,
        )
        messages: Sequence[Any] = answer.get("Messages", [])
        return messages

    def _most_receives(self, queue: str) -> int:
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._url(queue), AttributeNames=["RedrivePolicy"]
        )
        return int(json.loads(answer["Attributes"]["RedrivePolicy"])["maxReceiveCount"])

    def _size(self, queue: str) -> int:
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url(queue), AttributeNames=SIZES)
        return sum(int(answer["Attributes"][name]) for name in SIZES)

    def _url(self, queue: str) -> str:
        url: str = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        return url
