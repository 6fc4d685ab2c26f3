"""Reads the table's stream and the queues on MiniStack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import boto3

from infra.chaos.inspection import Change, Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARK: Final = "#"  # in the ids of rows that are not tasks
SIZES: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


def stream_changes(table: str) -> Iterator[Change]:
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
            if MARK not in task_id:
                before, after = (
                    record["dynamodb"].get(image, {}).get("status", {}).get("S")
                    for image in ("OldImage", "NewImage")
                )
                yield Change(task_id, before, after)


class SqsQueues:
    """Queues of SQS by name."""

    def __init__(self) -> None:
        self._sqs: Any = boto3.client("sqs")

    def send(self, queue: str, body: str) -> None:
        """Send a message."""
        self._sqs.send_message(QueueUrl=self._url(queue), MessageBody=body)

    def receive(self, queue: str, visibility: int) -> Sequence[Found]:
        """Receive up to ten messages, and hide them for that many seconds."""
        response = self._sqs.receive_message(
            QueueUrl=self._url(queue),
            MaxNumberOfMessages=10,
            VisibilityTimeout=visibility,
            WaitTimeSeconds=0,
        )
        return [
            Found(message["Body"], message["ReceiptHandle"])
            for message in response.get("Messages", [])
        ]

    def delete(self, queue: str, found: Found) -> None:
        """Delete a received message."""
        self._sqs.delete_message(QueueUrl=self._url(queue), ReceiptHandle=found.receipt_handle)

    def size(self, queue: str) -> int:
        """Return the number of messages, including those in flight."""
        return sum(map(int, self._attributes(queue, SIZES).values()))

    def max_receives(self, queue: str) -> int:
        """Return how often a message is received before it moves to the dead-letter queue."""
        attributes = self._attributes(queue, ["RedrivePolicy"])
        return int(json.loads(attributes["RedrivePolicy"])["maxReceiveCount"])

    def _attributes(self, queue: str, names: Sequence[str]) -> dict[str, str]:
        attributes: dict[str, str] = self._sqs.get_queue_attributes(
            QueueUrl=self._url(queue), AttributeNames=names
        )["Attributes"]
        return attributes

    def _url(self, queue: str) -> str:
        url: str = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        return url
