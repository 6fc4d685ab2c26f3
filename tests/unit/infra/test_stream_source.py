from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from infra.emulated.stream_source import StreamSource, matches, stream_mappings
from infra.local.definitions import Function
from infra.local.template import read_template

if TYPE_CHECKING:
    from infra.local.template import JsonObject

FUNCTION = Function("WebhookFunction", "functions.webhooks.handler.handler", 30, {}, ())
PROPERTIES = read_template()["Resources"]["WebhookFunction"]["Properties"]
[MAPPING] = stream_mappings(PROPERTIES)


def record(number: int, status: str = "SUCCESS", before: str = "PROCESSING") -> JsonObject:
    new = {"status": {"S": status}, "webhook": {"S": "https://bar.example"}}
    change = {"OldImage": {"status": {"S": before}}, "NewImage": new, "SequenceNumber": str(number)}
    return {"eventName": "MODIFY", "dynamodb": change}


@dataclass
class FakeStream:
    """A stream with one shard; an iterator is the number of records that were read."""

    records: list[JsonObject] = field(default_factory=list)

    def describe_stream(self, **_: Any) -> JsonObject:
        return {"StreamDescription": {"Shards": [{"ShardId": "s"}]}}

    def get_shard_iterator(self, **_: Any) -> JsonObject:
        return {"ShardIterator": "0"}

    def get_records(self, *, ShardIterator: str, Limit: int) -> JsonObject:  # noqa: N803
        start = int(ShardIterator)
        found = self.records[start : start + Limit]
        return {"Records": found, "NextShardIterator": str(start + len(found))}


@dataclass
class FakeHandler:
    """A function that fails for some records, and remembers all."""

    failing: set[str] = field(default_factory=set)
    crashes: bool = False
    invocations: list[list[str]] = field(default_factory=list)

    def __call__(self, event: JsonObject, _context: object) -> JsonObject:
        numbers = [each["dynamodb"]["SequenceNumber"] for each in event["Records"]]
        self.invocations.append(numbers)
        if self.crashes:
            raise RuntimeError("crashed")
        failed = [number for number in numbers if number in self.failing]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


class Harness:
    """A source of a fake stream."""

    def __init__(self) -> None:
        self.stream = FakeStream()
        self.handler = FakeHandler()
        self.source = StreamSource(self.stream, "arn", MAPPING, self.handler, FUNCTION)


def test_the_function_gets_each_record_once() -> None:
    harness = Harness()
    harness.stream.records = [record(1), record(2)]
    harness.source.poll()
    harness.stream.records.append(record(3))
    harness.source.poll()
    harness.source.poll()
    assert harness.handler.invocations == [["1", "2"], ["3"]]


def test_records_that_the_filter_refuses_are_left_out() -> None:
    """Reports of progress, new rows and tasks without a webhook."""
    harness = Harness()
    without = record(3)
    del without["dynamodb"]["NewImage"]["webhook"]
    inserted = record(4) | {"eventName": "INSERT"}
    again = record(5, before="SUCCESS")
    harness.stream.records = [record(1), record(2, "PROCESSING"), without, inserted, again]
    harness.source.poll()
    assert harness.handler.invocations == [["1"]]


def test_a_failed_record_is_delivered_again_with_those_after_it() -> None:
    harness = Harness()
    harness.stream.records = [record(1), record(2), record(3)]
    harness.handler.failing = {"2"}
    harness.source.poll()
    harness.handler.failing = set()
    harness.source.poll()
    assert harness.handler.invocations == [["1", "2", "3"], ["2", "3"]]


def test_a_batch_that_crashes_the_function_is_delivered_again() -> None:
    harness = Harness()
    harness.stream.records = [record(1), record(2)]
    harness.handler.crashes = True
    harness.source.poll()
    harness.handler.crashes = False
    harness.source.poll()
    assert harness.handler.invocations == [["1", "2"]] * 2


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ({"a": ["x", "y"]}, {"a": "y", "b": 1}, True),
        ({"a": ["x"]}, {"a": "y"}, False),
        ({"a": ["x"]}, {}, False),
        ({"a": {"b": ["x"]}}, {"a": None}, False),
        ({"a": [{"exists": True}]}, {"a": "x"}, True),
        ({"a": [{"exists": True}]}, {}, False),
        ({"a": [{"exists": False}]}, {}, True),
    ],
)
def test_a_pattern_matches_as_in_lambda(pattern: Any, value: Any, *, expected: bool) -> None:
    assert matches(pattern, value) is expected
