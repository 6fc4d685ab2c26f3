"""The items of DynamoDB: other versions of the code read and write the same rows."""

from __future__ import annotations

from tasks.aws.items import item_to_task, outcome_attributes, record_to_item, task_to_item
from tasks.task import IdempotencyRecord, Lane, Outcome, Status, Task, Usage
from tests.fakes import NOW

TASK = Task("t1", "me", {"ingredients": ["молоко"]}, NOW, NOW + 900.25, NOW + 86_400, Lane.BULK)


def test_a_new_row_has_compact_json_and_times_without_trailing_zeros() -> None:
    assert task_to_item(TASK) == {
        "task_id": {"S": "t1"},
        "owner": {"S": "me"},
        "status": {"S": "PROCESSING"},
        "priority": {"S": "bulk"},
        "input": {"S": '{"ingredients":["молоко"]}'},
        "attempts": {"N": "0"},
        "created_at": {"N": "1790000000"},
        "deadline": {"N": "1790000900.25"},
        "expires_at": {"N": "1790086400"},
    }


def test_the_row_of_a_record_expires_at_a_whole_second() -> None:
    record = IdempotencyRecord("key#k", "f1 f2", ("t1", "t2"), NOW + 0.75)
    assert record_to_item(record) == {
        "task_id": {"S": "key#k"},
        "fingerprint": {"S": "f1 f2"},
        "task_ids": {"S": '["t1", "t2"]'},
        "expires_at": {"N": "1790000000"},
    }


def test_an_outcome_has_only_the_attributes_that_it_knows() -> None:
    cancelled = Outcome(Status.CANCELLED, NOW + 0.5)
    assert dict(outcome_attributes(cancelled)) == {
        "status": {"S": "CANCELLED"},
        "finished_at": {"N": "1790000000.5"},
        "attempts": {"N": "0"},
    }


def test_the_row_of_a_finished_task_keeps_its_usage_under_its_old_name() -> None:
    outcome = Outcome(Status.SUCCESS, NOW + 2, NOW + 1, {"p": 0.5}, usage=Usage(1, "litert", 0.5))
    item = task_to_item(TASK) | dict(outcome_attributes(outcome))
    assert item["work"] == {"S": '{"batch_size":1,"engine":"litert","gb_seconds":0.5}'}
    assert item_to_task(item) == TASK.end(outcome)
