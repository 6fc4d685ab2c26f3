"""Reads of several rows, of which DynamoDB may process only some."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tasks.aws.items import task_to_item
from tasks.task import Task
from tests.fakes import NOW
from tests.stubbed_table import StubbedTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TASK = Task("t1", "me", {}, NOW, NOW + 900, NOW + 86_400)


class Harness(StubbedTable):
    def answer(self, ids: Sequence[str], response: dict[str, Any]) -> None:
        """Expect a call for these rows, and answer it."""
        expected = {"RequestItems": {"tasks": {"Keys": keys(ids), "ConsistentRead": True}}}
        self.aws.add_response("batch_get_item", response, expected)


def keys(ids: Sequence[str]) -> list[dict[str, Any]]:
    return [{"task_id": {"S": task_id}} for task_id in ids]


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "local")
    harness = Harness()
    with harness.aws:
        yield harness
    harness.aws.assert_no_pending_responses()


def test_rows_that_were_left_unprocessed_are_read_after_a_pause(harness: Harness) -> None:
    """An answer may contain no rows, or nothing about unprocessed ones."""
    harness.answer(
        ["t1", "t2"], {"Responses": {}, "UnprocessedKeys": {"tasks": {"Keys": keys(["t1"])}}}
    )
    harness.answer(["t1"], {"Responses": {"tasks": [task_to_item(TASK)]}})
    assert harness.store.get_many(["t1", "t2"]) == {"t1": TASK}
    assert harness.pauses == [0.05]


def test_a_call_reads_at_most_a_hundred_rows(harness: Harness) -> None:
    """Each row is read once."""
    ids = [f"t{number}" for number in range(101)]
    rows = [task_to_item(replace(TASK, task_id=task_id)) for task_id in ids]
    harness.answer(ids[:100], {"Responses": {"tasks": rows[:100]}, "UnprocessedKeys": {}})
    harness.answer(ids[100:], {"Responses": {"tasks": rows[100:]}, "UnprocessedKeys": {}})
    assert list(harness.store.get_many([*ids, "t0"])) == ids
