"""The table of tasks on DynamoDB."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tasks.aws.client import retry_unprocessed, translate_errors
from tasks.errors import Unavailable
from tasks.task import ErrorType, IdempotencyRecord, Lane, Status, Task, TaskError, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tasks.task import JsonObject, Outcome

BATCH_WRITE_LIMIT: Final = 25
BATCH_GET_LIMIT: Final = 100

Item = dict[str, dict[str, str]]

# Rows keep the old names of two attributes: `priority` is the lane, and `work` is the usage.


class DynamoTaskStore:
    """The rows in a DynamoDB table with the partition key `task_id`."""

    def __init__(self, client: Any, table_name: str) -> None:
        self._client = client
        self._table = table_name

    def create(self, tasks: Sequence[Task]) -> None:
        """Put one row with PutItem, several with BatchWriteItem."""
        items = [_to_item(task) for task in tasks]
        with translate_errors():
            if len(items) == 1:
                self._client.put_item(TableName=self._table, Item=items[0])
                return
            for start in range(0, len(items), BATCH_WRITE_LIMIT):
                retry_unprocessed(self._write, items[start : start + BATCH_WRITE_LIMIT])

    def _write(self, items: list[Item]) -> list[Item]:
        requests = [{"PutRequest": {"Item": item}} for item in items]
        answer = self._client.batch_write_item(RequestItems={self._table: requests})
        refused = answer.get("UnprocessedItems", {}).get(self._table, [])
        return [request["PutRequest"]["Item"] for request in refused]

    def create_once(
        self, record: IdempotencyRecord, tasks: Sequence[Task], now: float
    ) -> IdempotencyRecord | None:
        """Put all rows in one transaction, which an existing record cancels."""
        put_record = {
            "TableName": self._table,
            "Item": _record_to_item(record),
            "ConditionExpression": "attribute_not_exists(task_id) OR expires_at <= :now",
            "ExpressionAttributeValues": {":now": {"N": str(int(now))}},
        }
        puts = [put_record, *({"TableName": self._table, "Item": _to_item(task)} for task in tasks)]
        with translate_errors():
            try:
                self._client.transact_write_items(TransactItems=[{"Put": put} for put in puts])
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
                if reasons[0] != "ConditionalCheckFailed":
                    raise Unavailable(f"The transaction was cancelled: {set(reasons)}.") from error
                item = self._read_one(record.record_id)
                if item is None:
                    raise Unavailable("The record expired a moment ago.") from error
                return _to_record(item)
        return None

    def get(self, task_id: str) -> Task | None:
        """Read the row, strongly consistent: a caller may poll right after submitting."""
        with translate_errors():
            item = self._read_one(task_id)
        return None if item is None else _to_task(item)

    def get_many(self, task_ids: Sequence[str]) -> dict[str, Task]:
        """Read rows with BatchGetItem, strongly consistent."""
        ids = list(dict.fromkeys(task_ids))
        tasks: dict[str, Task] = {}
        with translate_errors():
            for start in range(0, len(ids), BATCH_GET_LIMIT):
                read = partial(self._read_many, into=tasks)
                retry_unprocessed(read, ids[start : start + BATCH_GET_LIMIT])
        return tasks

    def _read_one(self, task_id: str) -> Item | None:
        key = {"task_id": {"S": task_id}}
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def _read_many(self, ids: list[str], into: dict[str, Task]) -> list[str]:
        """Add the rows to `into` and return the ids that DynamoDB left unprocessed."""
        keys = [{"task_id": {"S": task_id}} for task_id in ids]
        request = {self._table: {"Keys": keys, "ConsistentRead": True}}
        answer = self._client.batch_get_item(RequestItems=request)
        for item in answer["Responses"].get(self._table, ()):
            into[item["task_id"]["S"]] = _to_task(item)
        left = answer.get("UnprocessedKeys", {}).get(self._table, {"Keys": []})["Keys"]
        return [key["task_id"]["S"] for key in left]

    def finish(self, task_id: str, outcome: Outcome) -> bool:
        """Update the row on condition that its status is PROCESSING."""
        values = dict(_outcome_attributes(outcome))
        assignments = ", ".join(f"#{name} = :{name}" for name in values)
        names = {f"#{name}": name for name in values}
        with translate_errors():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"task_id": {"S": task_id}},
                    UpdateExpression=f"SET {assignments}",
                    ConditionExpression="#status = :processing",
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues={
                        ":processing": {"S": Status.PROCESSING},
                        **{f":{name}": value for name, value in values.items()},
                    },
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True


def _outcome_attributes(outcome: Outcome) -> Iterator[tuple[str, dict[str, str]]]:
    yield "status", {"S": outcome.status}
    yield "finished_at", _number(outcome.finished_at)
    yield "attempts", {"N": str(outcome.attempts)}
    if outcome.started_at is not None:
        yield "started_at", _number(outcome.started_at)
    if outcome.result is not None:
        yield "result", _json(outcome.result)
    if outcome.error is not None:
        yield "error", _json(asdict(outcome.error))
    if outcome.usage is not None:
        yield "work", _json(asdict(outcome.usage))


def _to_item(task: Task) -> Item:
    return {
        "task_id": {"S": task.task_id},
        "owner": {"S": task.owner},
        "status": {"S": task.status},
        "priority": {"S": task.lane},
        "input": _json(task.input),
        "attempts": {"N": str(task.attempts)},
        "created_at": _number(task.created_at),
        "deadline": _number(task.deadline),
        "expires_at": {"N": str(int(task.expires_at))},
    }


def _to_task(item: Mapping[str, Mapping[str, str]]) -> Task:
    return Task(
        task_id=item["task_id"]["S"],
        owner=item["owner"]["S"],
        status=Status(item["status"]["S"]),
        lane=Lane(item["priority"]["S"]),
        input=json.loads(item["input"]["S"]),
        result=json.loads(item["result"]["S"]) if "result" in item else None,
        error=_to_error(json.loads(item["error"]["S"])) if "error" in item else None,
        usage=Usage(**json.loads(item["work"]["S"])) if "work" in item else None,
        attempts=int(item["attempts"]["N"]),
        created_at=float(item["created_at"]["N"]),
        deadline=float(item["deadline"]["N"]),
        expires_at=float(item["expires_at"]["N"]),
        started_at=float(item["started_at"]["N"]) if "started_at" in item else None,
        finished_at=float(item["finished_at"]["N"]) if "finished_at" in item else None,
    )


def _record_to_item(record: IdempotencyRecord) -> Item:
    return {
        "task_id": {"S": record.record_id},
        "fingerprint": {"S": record.fingerprint},
        "task_ids": {"S": json.dumps(record.task_ids)},
        "expires_at": {"N": str(int(record.expires_at))},
    }


def _to_record(item: Mapping[str, Mapping[str, str]]) -> IdempotencyRecord:
    return IdempotencyRecord(
        record_id=item["task_id"]["S"],
        fingerprint=item["fingerprint"]["S"],
        task_ids=tuple(json.loads(item["task_ids"]["S"])),
        expires_at=float(item["expires_at"]["N"]),
    )


def _to_error(error: JsonObject) -> TaskError:
    return TaskError(ErrorType(error["type"]), error["detail"], error["retryable"])


def _json(value: JsonObject) -> dict[str, str]:
    return {"S": json.dumps(value, ensure_ascii=False, separators=(",", ":"))}


def _number(seconds: float) -> dict[str, str]:
    return {"N": f"{seconds:.3f}"}
