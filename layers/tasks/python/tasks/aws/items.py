"""The rows of the table, as items of DynamoDB.

Rows keep the old names of two attributes: `priority` is the lane, and `work` is the usage.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from tasks.task import (
    IdempotencyRecord,
    Lane,
    Progress,
    Status,
    Task,
    TaskError,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tasks.task import JsonObject, Outcome

SHARDS: Final = 8  # of an owner in the index of owners
Item = dict[str, dict[str, str]]


def owner_shard(owner: str, shard: int) -> dict[str, str]:
    """Return a key of the index of owners."""
    return {"S": f"{owner}#{shard}"}


def outcome_attributes(outcome: Outcome) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the attributes that the end of a task adds to its row."""
    yield "status", {"S": outcome.status}
    yield "finished_at", number_attribute(outcome.finished_at)
    yield "attempts", {"N": str(outcome.attempts)}
    if outcome.started_at is not None:
        yield "started_at", number_attribute(outcome.started_at)
    if outcome.result is not None:
        yield "result", _json(outcome.result)
    if outcome.error is not None:
        yield "error", _json(asdict(outcome.error))
    if outcome.usage is not None:
        yield "work", _json(asdict(outcome.usage))


def task_to_item(task: Task, *, is_listed: bool = False) -> Item:
    """Return the row of a new task; only a listed one is in the index of owners."""
    item: Item = {
        "task_id": {"S": task.task_id},
        "owner": {"S": task.owner},
        "status": {"S": task.status},
        "priority": {"S": task.lane},
        "input": _json(task.input),
        "attempts": {"N": str(task.attempts)},
        "created_at": number_attribute(task.created_at),
        "deadline": number_attribute(task.deadline),
        "expires_at": {"N": str(int(task.expires_at))},
    }
    for name, text in _texts(task):
        if text is not None:
            item[name] = {"S": text}
    if is_listed:
        item["owner_shard"] = owner_shard(task.owner, _shard_of(task.task_id))
    if task.metadata is not None:
        item["metadata"] = _json(task.metadata)
    return item


def _shard_of(task_id: str) -> int:
    """Return the shard of a task, so that no owner writes to one partition of the index alone."""
    return int(task_id[-1], 16) % SHARDS


def _texts(task: Task) -> Iterator[tuple[str, str | None]]:
    """Yield the attributes that most tasks do not have."""
    yield "webhook", task.webhook
    yield "batch_id", task.batch_id
    yield "traceparent", task.traceparent


def item_to_task(item: Mapping[str, Mapping[str, str]]) -> Task:
    """Return the task of a row."""
    return Task(
        task_id=item["task_id"]["S"],
        owner=item["owner"]["S"],
        status=Status(item["status"]["S"]),
        lane=Lane(item["priority"]["S"]),
        input=json.loads(item["input"]["S"]),
        result=json.loads(item["result"]["S"]) if "result" in item else None,
        error=TaskError.from_json(json.loads(item["error"]["S"])) if "error" in item else None,
        usage=Usage.from_json(json.loads(item["work"]["S"])) if "work" in item else None,
        progress=(
            Progress.from_json(json.loads(item["progress"]["S"])) if "progress" in item else None
        ),
        attempts=int(item["attempts"]["N"]),
        created_at=float(item["created_at"]["N"]),
        deadline=float(item["deadline"]["N"]),
        expires_at=float(item["expires_at"]["N"]),
        started_at=float(item["started_at"]["N"]) if "started_at" in item else None,
        finished_at=float(item["finished_at"]["N"]) if "finished_at" in item else None,
        webhook=item["webhook"]["S"] if "webhook" in item else None,
        batch_id=item["batch_id"]["S"] if "batch_id" in item else None,
        metadata=json.loads(item["metadata"]["S"]) if "metadata" in item else None,
        traceparent=item["traceparent"]["S"] if "traceparent" in item else None,
    )


def record_to_item(record: IdempotencyRecord) -> Item:
    """Return the row of an idempotency record."""
    return {
        "task_id": {"S": record.record_id},
        "fingerprint": {"S": record.fingerprint},
        "task_ids": {"S": json.dumps(record.task_ids)},
        "expires_at": {"N": str(int(record.expires_at))},
    }


def item_to_record(item: Mapping[str, Mapping[str, str]]) -> IdempotencyRecord:
    """Return the idempotency record of a row."""
    return IdempotencyRecord(
        record_id=item["task_id"]["S"],
        fingerprint=item["fingerprint"]["S"],
        task_ids=tuple(json.loads(item["task_ids"]["S"])),
        expires_at=float(item["expires_at"]["N"]),
    )


def progress_attribute(progress: Progress) -> dict[str, str]:
    """Return the value of the attribute `progress`."""
    return _json(asdict(progress))


def _json(value: JsonObject) -> dict[str, str]:
    return {"S": json.dumps(value, ensure_ascii=False, separators=(",", ":"))}


def number_attribute(seconds: float) -> dict[str, str]:
    """Return the value of an attribute with a time or a duration in seconds."""
    # Without trailing zeros, as DynamoDB stores it. With them, MiniStack refuses the repetition of
    # a transaction, because it compares the repetition with the stored item.
    return {"N": f"{seconds:.3f}".rstrip("0").rstrip(".")}
