"""Broken variants of the adapters to AWS."""
# ruff: noqa: D101, D102, SLF001 - the catalogue says what each one does wrong

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tasks.aws.dynamodb import DynamoTaskStore
from tasks.aws.items import outcome_attributes, progress_attribute, task_to_item
from tasks.aws.s3 import S3DocumentStore
from tasks.aws.sqs import SqsTaskQueue
from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.messages import TaskMessage
    from tasks.ports import FileContent
    from tasks.task import IdempotencyRecord, Outcome, Progress, Task


class FinishesAnyway(DynamoTaskStore):
    def finish(self, task_id: str, outcome: Outcome) -> bool:
        return _set(self, task_id, dict(outcome_attributes(outcome)))


class ReportsAnyway(DynamoTaskStore):
    def report_progress(self, task_id: str, progress: Progress) -> None:
        _set(self, task_id, {"progress": progress_attribute(progress)})


def _set(store: Any, task_id: str, values: dict[str, Any]) -> bool:
    """Set attributes of a row without a condition."""
    store._client.update_item(
        TableName=store._table,
        Key={"task_id": {"S": task_id}},
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
        ExpressionAttributeNames={f"#{name}": name for name in values},
        ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
    )
    return True


class PutsAnyway(DynamoTaskStore):
    def create(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            self._client.put_item(TableName=self._table, Item=task_to_item(task))


class ReportsMuch(DynamoTaskStore):
    def report_progress(self, task_id: str, progress: Progress) -> None:
        percent = dataclasses.replace(progress, fraction=100 * progress.fraction)
        super().report_progress(task_id, percent)


class ReadsStale(DynamoTaskStore):
    def _read_one(self, task_id: str) -> Any:
        key = {"task_id": {"S": task_id}}
        return self._client.get_item(TableName=self._table, Key=key).get("Item")


class ForgetsShard(DynamoTaskStore):
    def newest(self, owner: str, first: str, last: str, limit: int) -> list[str]:
        found = super().newest(owner, first, last, limit)
        return [task_id for task_id in found if int(task_id[-1], 16) % 8]


class LosesInput(DynamoTaskStore):
    def _update(self, task_id: str, values: Any) -> bool:
        return super()._update(task_id, {**values, "input": {"S": "{}"}})


class DoesNotTranslate(DynamoTaskStore):
    def get(self, task_id: str) -> Task | None:
        with_errors: Any = self._read_one
        item = with_errors(task_id)
        return None if item is None else super().get(task_id)


class HopesInVain(DynamoTaskStore):
    def create_once(
        self, record: IdempotencyRecord, tasks: Sequence[Task], now: float
    ) -> IdempotencyRecord | None:
        try:
            return super().create_once(record, tasks, now)
        except self._client.exceptions.TransactionCanceledException as error:
            raise Unavailable from error


class ReadsAnyVersion(S3DocumentStore):
    def read(self, key: str, start: int = 0, etag: str = "") -> FileContent:
        del etag
        return super().read(key, start)


class Ungrouped(SqsTaskQueue):
    def send(self, messages: Sequence[TaskMessage]) -> None:
        for message in messages:
            self._client.send_message(
                QueueUrl=self._url, MessageBody=message.encode(), MessageGroupId="all"
            )


class SendsFirstTen(SqsTaskQueue):
    def send(self, messages: Sequence[TaskMessage]) -> None:
        super().send(messages[:10])
