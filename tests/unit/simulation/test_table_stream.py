"""The stream of the simulated table, and its poller."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from infra.simulation.aws.stream import TableStream, matches
from infra.simulation.faults import Profile
from infra.simulation.history import History
from infra.simulation.invoker import FunctionFailed
from infra.simulation.nemesis import Nemesis
from infra.simulation.parts import Parts
from infra.simulation.scheduler import Scheduler
from infra.simulation.stack import Settings, Stack
from infra.simulation.stream_poller import StreamPoller
from tests.fakes import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from infra.simulation.aws.dynamodb import Item

ANY: dict[str, Any] = {"eventName": ["MODIFY"]}
ENDED: dict[str, Any] = {
    "eventName": ["MODIFY"],
    "dynamodb": {"NewImage": {"status": {"S": ["FAIL"]}, "webhook": {"S": [{"exists": True}]}}},
}


def change(**attributes: str) -> dict[str, Any]:
    image = {name: {"S": value} for name, value in attributes.items()}
    return {"eventName": "MODIFY", "dynamodb": {"NewImage": image}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (change(status="FAIL", webhook="https://bar.example/"), True),
        (change(status="FAIL"), False),
        (change(status="SUCCESS", webhook="https://bar.example/"), False),
        ({**change(status="FAIL", webhook="u"), "eventName": "REMOVE"}, False),
        ({"eventName": "MODIFY", "dynamodb": {}}, False),
    ],
    ids=["all", "no webhook", "another status", "another event", "no image"],
)
def test_a_filter_passes_records_with_all_its_fields(content: Any, *, expected: bool) -> None:
    assert matches(ENDED, content) is expected


def test_the_changes_of_an_item_are_in_one_shard_in_their_order() -> None:
    stream = TableStream(Scheduler(NOW), ANY, 4)
    images: list[Item] = [{"n": {"N": str(number)}} for number in range(5)]
    for before, after in pairwise(images):
        stream.write("t1", before, after)
    stream.write("t1", None, images[0])
    [records] = [shard.records for shard in stream.shards if shard.records]
    found = [record.content["dynamodb"]["NewImage"]["n"]["N"] for record in records]
    assert found == ["1", "2", "3", "4"]


class FakeInvoker:
    """Records the batches, and returns what is kept or raises."""

    timeout = 30.0

    def __init__(self, handle: Callable[[list[str]], list[str]]) -> None:
        self.handle = handle
        self.batches: list[list[str]] = []

    def invoke(self, event: Any, *_: Any, **_facts: Any) -> list[str]:
        keys = [record["dynamodb"]["Keys"]["task_id"]["S"] for record in event["Records"]]
        self.batches.append(keys)
        sequences = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        return [sequences[keys.index(key)] for key in self.handle(keys)]


def polled(handle: Callable[[list[str]], list[str]], keys: Sequence[str]) -> list[list[str]]:
    """Return the batches with which the function was invoked for changes of these items."""
    scheduler = Scheduler(NOW)
    history = History(scheduler)
    nemesis = Nemesis(scheduler, history, Random(1), Profile())
    stack = Stack(scheduler, history, nemesis, Parts(), Settings(), Random(1))
    stream = TableStream(scheduler, ANY, 1)
    for key in keys:
        stream.write(key, {}, {})
    invoker: Any = FakeInvoker(handle)
    scheduler.spawn("poller", StreamPoller(stack, stream.shards[0], invoker).run)
    scheduler.run()
    batches: list[list[str]] = invoker.batches
    return batches


def test_the_records_of_a_shard_are_one_batch() -> None:
    assert polled(lambda _: [], ["a", "b", "c"]) == [["a", "b", "c"]]


def test_records_are_repeated_from_the_first_that_failed() -> None:
    failures = iter([["b", "c"], [], []])
    assert polled(lambda _: next(failures), ["a", "b", "c"]) == [["a", "b", "c"], ["b"], ["c"]]


def test_a_batch_that_raises_is_halved_until_the_cause_is_alone() -> None:
    def handle(keys: list[str]) -> list[str]:
        if "bad" in keys and len(batches) < 5:
            batches.append(keys)
            raise FunctionFailed
        return []

    batches: list[list[str]] = []
    found = polled(handle, ["a", "b", "bad", "c"])
    assert found[:4] == [["a", "b", "bad", "c"], ["a", "b"], ["bad", "c"], ["bad"]]
    assert found[-1] == ["c"]


def test_a_record_that_fails_for_three_hours_moves_to_the_destination() -> None:
    def handle(_: list[str]) -> list[str]:
        raise FunctionFailed

    found = polled(handle, ["a"])
    assert 10_800 / 60 < len(found) < 10_800 / 50
