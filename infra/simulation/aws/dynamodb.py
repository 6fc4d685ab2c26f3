"""A table of DynamoDB with the partition key `task_id`."""
# ruff: noqa: N803 - the parameters have AWS's names

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from infra.simulation.aws.errors import ServiceError, invalid_request
from infra.simulation.aws.expressions import TOKEN, assignments, holds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from infra.simulation.scheduler import Scheduler

    Item = dict[str, dict[str, str]]
    # Receives the key of an item, the item before the write and the item after it.
    OnWrite = Callable[[str, "Item | None", "Item | None"], None]

MAX_ITEM: Final = 400 * 1024  # bytes
MAX_BATCH_READ: Final = 16 * 1024 * 1024
BATCH_WRITES: Final = 25
BATCH_READS: Final = 100
TRANSACTION_WRITES: Final = 100
TOKEN_SECONDS: Final = 600.0  # how long the token of a transaction is known
INDEX: Final = ("by-owner", "owner_shard = :key AND task_id BETWEEN :first AND :last")
STALE_SECONDS: Final = 1.0  # how old the answer of an eventually consistent read may be


@dataclass(slots=True)
class _Transaction:
    """A transaction that is known by its token; `done_at` is None while it is in progress."""

    writes: Sequence[Any]
    done_at: float | None = None


class DynamoTable:
    """The table: each method is an operation of DynamoDB.

    Args:
        scheduler: the time.
        name: the name of the table.
        on_write: is called for each write that changes the table.
    """

    service: Final = "dynamodb"

    def __init__(self, scheduler: Scheduler, name: str, on_write: OnWrite | None = None) -> None:
        self._scheduler = scheduler
        self._name = name
        self._on_write = on_write
        self.items: dict[str, Item] = {}
        self._before: dict[str, tuple[float, Item | None]] = {}
        self._transactions: dict[str, _Transaction] = {}
        self._locked: set[str] = set()

    def put_item(
        self,
        *,
        TableName: str,
        Item: Item,
        ConditionExpression: str | None = None,
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        ExpressionAttributeValues: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Put an item, if its condition holds."""
        self._check_table(TableName)
        key = _key_of(Item)
        self._check_unlocked(key)
        expressions = (ConditionExpression,)
        _check_uses(expressions, ExpressionAttributeNames, ExpressionAttributeValues)
        names, values = ExpressionAttributeNames, ExpressionAttributeValues
        if not holds(ConditionExpression, self.items.get(key), names, values):
            raise _condition_failed()
        self._write(key, Item)
        return {}

    def batch_write_item(self, *, RequestItems: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """Put up to 25 items; each on its own."""
        [(table, requests)] = RequestItems.items()
        self._check_table(table)
        items = [request["PutRequest"]["Item"] for request in requests]
        keys = [_key_of(item) for item in items]
        if not 1 <= len(items) <= BATCH_WRITES or len(set(keys)) < len(keys):
            raise invalid_request(f"A batch has 1 to {BATCH_WRITES} different items.")
        for item in items:
            _check_size(item)
        unprocessed = []
        for key, item, request in zip(keys, items, requests, strict=True):
            if key in self._locked:
                unprocessed.append(request)
            else:
                self._write(key, item)
        return {"UnprocessedItems": {table: unprocessed} if unprocessed else {}}

    def update_item(
        self,
        *,
        TableName: str,
        Key: Item,
        UpdateExpression: str,
        ConditionExpression: str | None = None,
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        ExpressionAttributeValues: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Set attributes of an item, if its condition holds; create the item if it is missing."""
        self._check_table(TableName)
        key = _key_of(Key)
        self._check_unlocked(key)
        expressions = (UpdateExpression, ConditionExpression)
        _check_uses(expressions, ExpressionAttributeNames, ExpressionAttributeValues)
        names, values = ExpressionAttributeNames, ExpressionAttributeValues
        item = self.items.get(key)
        if not holds(ConditionExpression, item, names, values):
            raise _condition_failed()
        self._write(key, {**(item or Key), **assignments(UpdateExpression, names, values)})
        return {}

    def get_item(
        self, *, TableName: str, Key: Item, ConsistentRead: bool = False
    ) -> dict[str, Any]:
        """Return an item; without ConsistentRead, as it was up to a second ago."""
        self._check_table(TableName)
        item = self._read(_key_of(Key), consistent=ConsistentRead)
        return {} if item is None else {"Item": item}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        """Return up to 100 items of at most 16 MB."""
        [(table, request)] = RequestItems.items()
        self._check_table(table)
        keys = [_key_of(key) for key in request["Keys"]]
        if not 1 <= len(keys) <= BATCH_READS or len(set(keys)) < len(keys):
            raise invalid_request(f"A batch has 1 to {BATCH_READS} different keys.")
        found: list[Item] = []
        size = 0
        unread: list[Any] = []
        for key, given in zip(keys, request["Keys"], strict=True):
            item = self._read(key, consistent=request.get("ConsistentRead", False))
            size += 0 if item is None else _size(item)
            if size > MAX_BATCH_READ:
                unread.append(given)
            elif item is not None:
                found.append(item)
        unprocessed = {table: {**request, "Keys": unread}} if unread else {}
        return {"Responses": {table: found}, "UnprocessedKeys": unprocessed}

    def query(
        self,
        *,
        TableName: str,
        IndexName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Mapping[str, Any],
        ScanIndexForward: bool = True,
        Limit: int = 0,
    ) -> dict[str, Any]:
        """Return the keys of the items in the index of owners, as they were up to a second ago."""
        self._check_table(TableName)
        if (IndexName, KeyConditionExpression) != INDEX:
            raise invalid_request("There is only one index, and one way to query it.")
        _check_uses((KeyConditionExpression,), None, ExpressionAttributeValues)
        key, first, last = (ExpressionAttributeValues[name] for name in (":key", ":first", ":last"))
        if first["S"] > last["S"]:
            raise invalid_request("BETWEEN needs an upper bound that is not below the lower one.")
        read = (self._read(each, consistent=False) for each in {**self._before, **self.items})
        found = [
            {name: item[name] for name in ("task_id", "owner_shard")}
            for item in read
            if item is not None
            and item.get("owner_shard") == key
            and first["S"] <= item["task_id"]["S"] <= last["S"]
        ]
        found.sort(key=lambda item: item["task_id"]["S"], reverse=not ScanIndexForward)
        return {"Items": found[:Limit] if Limit else found}

    def transact_write_items(
        self, *, TransactItems: Sequence[Any], ClientRequestToken: str
    ) -> dict[str, Any]:
        """Put up to 100 items, all or none; a known token changes nothing."""
        if (commit := self.begin_transaction(TransactItems, ClientRequestToken)) is not None:
            commit()
        return {}

    def begin_transaction(self, writes: Sequence[Any], token: str) -> Callable[[], None] | None:
        """Start a transaction; return what commits it, or None if it is already done."""
        known = self._transactions.get(token)
        if known is not None:
            if known.writes != writes:
                raise ServiceError("IdempotentParameterMismatchException")
            if known.done_at is None:
                raise ServiceError("TransactionInProgressException")
            if known.done_at + TOKEN_SECONDS > self._scheduler.now:
                return None
        keys = self._check_transaction(writes)
        self._transactions[token] = transaction = _Transaction(writes)
        self._locked.update(keys)

        def commit() -> None:
            self._locked.difference_update(keys)
            del self._transactions[token]
            self._check_conditions(writes)
            for write in writes:
                self._write(_key_of(write["Put"]["Item"]), write["Put"]["Item"])
            transaction.done_at = self._scheduler.now
            self._transactions[token] = transaction

        return commit

    def _check_transaction(self, writes: Sequence[Any]) -> list[str]:
        for write in writes:
            self._check_table(write["Put"]["TableName"])
            _check_size(write["Put"]["Item"])
        keys = [_key_of(write["Put"]["Item"]) for write in writes]
        if not 1 <= len(keys) <= TRANSACTION_WRITES or len(set(keys)) < len(keys):
            raise invalid_request(f"A transaction has 1 to {TRANSACTION_WRITES} different items.")
        _raise_if_cancelled(["TransactionConflict" if key in self._locked else "" for key in keys])
        return keys

    def _check_conditions(self, writes: Sequence[Any]) -> None:
        codes = []
        for put in (write["Put"] for write in writes):
            names = put.get("ExpressionAttributeNames")
            values = put.get("ExpressionAttributeValues")
            condition = put.get("ConditionExpression")
            _check_uses((condition,), names, values)
            item = self.items.get(_key_of(put["Item"]))
            codes.append("" if holds(condition, item, names, values) else "ConditionalCheckFailed")
        _raise_if_cancelled(codes)

    def expire(self, key: str) -> None:
        """Delete an item whose time to live has passed."""
        item = self.items.get(key)
        if item is not None and float(item["expires_at"]["N"]) <= self._scheduler.now:
            del self.items[key]
            self._before[key] = (self._scheduler.now, item)
            if self._on_write is not None:
                self._on_write(key, item, None)

    def _write(self, key: str, item: Item) -> None:
        _check_size(item)
        before = self.items.get(key)
        self.items[key] = item
        self._before[key] = (self._scheduler.now, before)
        if self._on_write is not None:
            self._on_write(key, before, item)

    def _read(self, key: str, *, consistent: bool) -> Item | None:
        if not consistent and key in self._before:
            written_at, before = self._before[key]
            if self._scheduler.now < written_at + STALE_SECONDS:
                return before
        return self.items.get(key)

    def _check_table(self, name: str) -> None:
        if name != self._name:
            raise ServiceError("ResourceNotFoundException")

    def _check_unlocked(self, key: str) -> None:
        if key in self._locked:
            raise ServiceError("TransactionConflictException")


def _key_of(item: Item) -> str:
    key = item["task_id"]["S"]
    if not 1 <= len(key.encode()) <= 2048:  # noqa: PLR2004 - DynamoDB's limit
        raise invalid_request("A partition key has 1 to 2,048 bytes.")
    return key


def _size(item: Item) -> int:
    size = 0
    for name, attribute in item.items():
        [value] = attribute.values()
        size += len(name) + (len(value) if value.isascii() else len(value.encode()))
    return size


def _check_size(item: Item) -> None:
    if _size(item) > MAX_ITEM:
        raise invalid_request(f"An item has at most {MAX_ITEM} bytes.")


def _check_uses(
    expressions: tuple[str | None, ...],
    names: Mapping[str, str] | None,
    values: Mapping[str, Any] | None,
) -> None:
    """Refuse names and values that the expressions do not use, and the other way round."""
    _check_placeholders(expressions, (*(names or ()), *(values or ())))


@lru_cache
def _check_placeholders(expressions: tuple[str | None, ...], given: tuple[str, ...]) -> None:
    tokens = {token for text in expressions if text is not None for token in TOKEN.findall(text)}
    if {token for token in tokens if token[0] in "#:"} != set(given):
        raise invalid_request("An expression and its names and values do not fit together.")


def _condition_failed() -> ServiceError:
    return ServiceError("ConditionalCheckFailedException", "The conditional request failed")


def _raise_if_cancelled(codes: Sequence[str]) -> None:
    if any(codes):
        raise transaction_cancelled(codes)


def transaction_cancelled(codes: Sequence[str]) -> ServiceError:
    """Return the error of a cancelled transaction, given a code for each write, or ""."""
    reasons = [{"Code": code or "None"} for code in codes]
    return ServiceError("TransactionCanceledException", CancellationReasons=reasons)
