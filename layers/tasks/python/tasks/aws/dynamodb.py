"""The table of tasks on DynamoDB."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tasks.aws.client import cancellation_reasons, retry_unprocessed, translate_errors
from tasks.aws.items import (
    SHARDS,
    item_to_record,
    item_to_task,
    outcome_attributes,
    owner_shard,
    progress_attribute,
    record_to_item,
    task_to_item,
)
from tasks.errors import TaskListOff, Unavailable
from tasks.task import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasks.aws.items import Item
    from tasks.task import IdempotencyRecord, Outcome, Progress, Task

BATCH_GET_LIMIT: Final = 100
# DynamoDB completes a slow transaction if it is repeated more than five seconds after it began.
TRANSACTION_PAUSES: Final = (1.0, 2.0, 4.0)
OWNER_INDEX: Final = "by-owner"
NEW_ROW: Final = "attribute_not_exists(task_id)"


class DynamoTaskStore:
    """The rows in a DynamoDB table with the partition key `task_id`.

    Args:
        client: a boto3 client of DynamoDB.
        table_name: the name of the table.
        pause: waits for a number of seconds before a repetition.
        lists_tasks: whether the table has an index of owners.
    """

    def __init__(
        self,
        client: Any,
        table_name: str,
        pause: Callable[[float], None] = time.sleep,
        *,
        lists_tasks: bool = False,
    ) -> None:
        self._client = client
        self._table = table_name
        self._pause = pause
        self._lists_tasks = lists_tasks

    def create(self, tasks: Sequence[Task]) -> None:
        """Put one row with PutItem, several in one transaction.

        botocore repeats a call without an answer, and the first request may arrive long after the
        second. A row that exists therefore stays as it is.
        """
        puts = [self._put(self._item(task), NEW_ROW) for task in tasks]
        with translate_errors():
            if len(puts) > 1:
                self._put_all(puts, token=tasks[0].task_id)
                return
            with suppress(self._client.exceptions.ConditionalCheckFailedException):
                self._client.put_item(**puts[0])

    def create_once(
        self, record: IdempotencyRecord, tasks: Sequence[Task], now: float
    ) -> IdempotencyRecord | None:
        """Put all rows in one transaction, which an existing record cancels."""
        values = {":now": {"N": str(int(now))}}
        puts = [
            self._put(
                record_to_item(record),
                f"{NEW_ROW} OR expires_at <= :now",
                ExpressionAttributeValues=values,
            ),
            *(self._put(self._item(task), NEW_ROW) for task in tasks),
        ]
        with translate_errors():
            if self._put_all(puts, token=tasks[0].task_id):
                return None
            item = self._read_one(record.record_id)
        if item is None:
            raise Unavailable("The record expired a moment ago.")
        return item_to_record(item)

    def get_record(self, record_id: str, now: float) -> IdempotencyRecord | None:
        """Read the row, which may have expired a while ago, strongly consistent."""
        with translate_errors():
            item = self._read_one(record_id)
        record = None if item is None else item_to_record(item)
        return None if record is None or record.expires_at <= now else record

    def _item(self, task: Task) -> Item:
        return task_to_item(task, is_listed=self._lists_tasks)

    def _put(self, item: Item, condition: str, **parameters: Any) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": condition,
            **parameters,
        }

    def _put_all(self, puts: Sequence[dict[str, Any]], token: str) -> bool:
        """Put all rows or none; return False if some of them existed.

        The token makes a repetition within ten minutes succeed like the first call.
        """
        items = [{"Put": put} for put in puts]
        try:
            self._transact(TransactItems=items, ClientRequestToken=token)
        except self._client.exceptions.TransactionCanceledException as error:
            if "ConditionalCheckFailed" not in cancellation_reasons(error):
                raise
            return False
        return True

    def _transact(self, **parameters: Any) -> None:
        """Make a transaction, and repeat it while it is in progress."""
        for pause in TRANSACTION_PAUSES:
            try:
                self._client.transact_write_items(**parameters)
            except self._client.exceptions.TransactionInProgressException:
                self._pause(pause)
            else:
                return
        self._client.transact_write_items(**parameters)

    def get(self, task_id: str) -> Task | None:
        """Read the row, strongly consistent: a caller may poll right after submitting."""
        with translate_errors():
            item = self._read_one(task_id)
        return None if item is None else item_to_task(item)

    def get_many(self, task_ids: Sequence[str]) -> dict[str, Task]:
        """Read rows with BatchGetItem, strongly consistent."""
        ids = list(dict.fromkeys(task_ids))
        tasks: dict[str, Task] = {}
        with translate_errors():
            for start in range(0, len(ids), BATCH_GET_LIMIT):
                read = partial(self._read_many, into=tasks)
                retry_unprocessed(read, ids[start : start + BATCH_GET_LIMIT], self._pause)
        return tasks

    def newest(self, owner: str, first: str, last: str, limit: int) -> list[str]:
        """Query each shard of the owner, and merge the ids."""
        if not self._lists_tasks:
            raise TaskListOff
        with translate_errors():
            found = [
                item["task_id"]["S"]
                for shard in range(SHARDS)
                for item in self._query(owner_shard(owner, shard), first, last, limit)
            ]
        return sorted(found, reverse=True)[:limit]

    def _query(self, key: dict[str, str], first: str, last: str, limit: int) -> list[Item]:
        """Read an index of keys; 201 of them have less than the 1 MB of an answer."""
        answer = self._client.query(
            TableName=self._table,
            IndexName=OWNER_INDEX,
            KeyConditionExpression="owner_shard = :key AND task_id BETWEEN :first AND :last",
            ExpressionAttributeValues={":key": key, ":first": {"S": first}, ":last": {"S": last}},
            ScanIndexForward=False,
            Limit=limit,
        )
        items: list[Item] = answer["Items"]
        return items

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
            into[item["task_id"]["S"]] = item_to_task(item)
        left = answer.get("UnprocessedKeys", {}).get(self._table, {"Keys": []})["Keys"]
        return [key["task_id"]["S"] for key in left]

    def finish(self, task_id: str, outcome: Outcome) -> bool:
        """Update the row on condition that its status is PROCESSING."""
        return self._update(task_id, dict(outcome_attributes(outcome)))

    def report_progress(self, task_id: str, progress: Progress) -> None:
        """Update the row on condition that its status is PROCESSING."""
        self._update(task_id, {"progress": progress_attribute(progress)})

    def _update(self, task_id: str, values: Mapping[str, dict[str, str]]) -> bool:
        """Set attributes of a row whose status is PROCESSING; return False if it is not."""
        assignments = ", ".join(f"#{name} = :{name}" for name in values)
        names = {f"#{name}": name for name in ("status", *values)}
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
