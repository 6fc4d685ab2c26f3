"""The stream of a table at an emulator as an event source, as Lambda polls it."""

from __future__ import annotations

import json
import logging
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import boto3

from infra.local.event_source import LocalContext

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from infra.local.definitions import Function
    from infra.local.template import JsonObject

    Handler = Callable[[JsonObject, LocalContext], Any]

INTERVAL: Final = 0.25  # seconds between two reads; Lambda reads each shard four times a second
DYNAMODB: Final = "AWS_ENDPOINT_URL_DYNAMODB"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """A stream as the event source of a function in the template."""

    batch_size: int
    patterns: tuple[JsonObject, ...]


def stream_mappings(properties: JsonObject) -> list[StreamMapping]:
    """Return the event sources of a function that are streams."""
    events = [
        e["Properties"] for e in properties.get("Events", {}).values() if e["Type"] == "DynamoDB"
    ]
    return [
        StreamMapping(
            event["BatchSize"],
            tuple(json.loads(rule["Pattern"]) for rule in event["FilterCriteria"]["Filters"]),
        )
        for event in events
    ]


def matches(pattern: Any, value: Any) -> bool:
    """Whether a value passes a filter: the part of EventBridge's patterns that template.yaml uses.

    An object requires each of its members, and a list one of its items: a value, or an object that
    says whether the value exists.
    """
    if isinstance(pattern, dict):
        members = value if isinstance(value, dict) else {}
        return all(matches(inner, members.get(name)) for name, inner in pattern.items())
    return any(
        (value is not None) is item["exists"] if isinstance(item, dict) else value == item
        for item in pattern
    )


@dataclass(slots=True)
class StreamSource:
    """Feeds one function from the stream of one table. A batch that fails is delivered again."""

    streams: Any
    arn: str
    mapping: StreamMapping
    handler: Handler
    function: Function
    _iterators: dict[str, str] = field(default_factory=dict)
    _left: dict[str, list[JsonObject]] = field(default_factory=dict)

    def run(self, stop: threading.Event) -> None:
        """Poll until `stop` is set."""
        while not stop.is_set():
            try:
                self.poll()
            except Exception:
                logger.exception("The stream could not be read")
            stop.wait(INTERVAL)

    def poll(self) -> int:
        """Invoke the function with the new records of each shard, and return how many were new."""
        shards = self.streams.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]
        return sum(self._poll_shard(shard["ShardId"]) for shard in shards)

    def _poll_shard(self, shard: str) -> int:
        iterator = self._iterators.get(shard) or self._first_iterator(shard)
        answer = self.streams.get_records(ShardIterator=iterator, Limit=self.mapping.batch_size)
        self._iterators[shard] = answer["NextShardIterator"]
        found = [record for record in map(_plain, answer["Records"]) if self._passes(record)]
        records = self._left.get(shard, []) + found
        self._left[shard] = self._invoke(records) if records else []
        return len(found)

    def _first_iterator(self, shard: str) -> str:
        answer = self.streams.get_shard_iterator(
            StreamArn=self.arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )
        iterator: str = answer["ShardIterator"]
        return iterator

    def _passes(self, record: Mapping[str, Any]) -> bool:
        return any(matches(pattern, record) for pattern in self.mapping.patterns)

    def _invoke(self, records: Sequence[JsonObject]) -> list[JsonObject]:
        """Return the records to deliver again: the first that failed and all after it."""
        context = LocalContext(self.function.name, time.monotonic() + self.function.timeout)
        try:
            response = self.handler({"Records": list(records)}, context)
        except Exception:
            logger.exception("The function failed with records of the stream")
            return list(records)
        failed = {item["itemIdentifier"] for item in response["batchItemFailures"]}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        first = min((numbers.index(number) for number in failed), default=len(records))
        return list(records[first:])


def _plain(record: Mapping[str, Any]) -> JsonObject:
    """Return a record as Lambda passes it: JSON, without Python's types."""
    plain: JsonObject = json.loads(json.dumps(record, default=str))
    return plain


def stream_sources(
    function: Function, mappings: Sequence[StreamMapping], handler: Handler
) -> list[StreamSource]:
    """Connect a function's handler with the stream of its table."""
    if not mappings:
        return []
    dynamodb = boto3.client("dynamodb")
    table = dynamodb.describe_table(TableName=function.environment["TABLE_NAME"])["Table"]
    # The stream is where the table is, which may be at another emulator.
    streams = boto3.client("dynamodbstreams", endpoint_url=os.environ.get(DYNAMODB))
    arn = table["LatestStreamArn"]
    return [StreamSource(streams, arn, mapping, handler, function) for mapping in mappings]
