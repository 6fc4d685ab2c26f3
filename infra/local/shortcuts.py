"""Shortcuts to moto's tables for the two calls that every task makes.

moto takes milliseconds for them, nearly all of it to parse and check expressions. A shortcut
handles one plain form of a call, and only its success; it leaves every other call to moto, which
holds the items in either case.
"""

from __future__ import annotations

import re
from typing import Any, Final

SETS: Final = re.compile(r"SET #\w+ = :\w+(, #\w+ = :\w+)*")
ASSIGNMENT: Final = re.compile(r"(#\w+) = (:\w+)")
LARGE: Final = 300_000  # bytes; DynamoDB refuses an item of 400 KB
# The fields of a call in the plain form.
GET: Final = {"TableName", "Key", "ConsistentRead"}
UPDATE: Final = {
    "TableName",
    "Key",
    "UpdateExpression",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
}

JsonObject = dict[str, Any]


def table_of(fields: JsonObject, authorization: str) -> Any:
    """Return the table of a call in the region that it was signed for, or None."""
    from moto.core import DEFAULT_ACCOUNT_ID  # noqa: PLC0415 - moto takes a second
    from moto.core.utils import extract_region_from_aws_authorization  # noqa: PLC0415
    from moto.dynamodb.models import dynamodb_backends  # noqa: PLC0415

    region = extract_region_from_aws_authorization(authorization)
    if region is None or "TableName" not in fields:
        return None
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][region].tables.get(fields["TableName"])


def answer(operation: str, fields: JsonObject, table: Any) -> JsonObject | None:
    """Answer a call of DynamoDB with moto's table, or return None to leave it to moto.

    The caller must hold the lock of the table.
    """
    if operation not in ("GetItem", "UpdateItem") or table is None or table.has_range_key:
        return None
    item = _item(fields, table)
    if item is None:
        return None
    if operation == "GetItem":
        return {"Item": item.to_json()["Attributes"]} if fields.keys() <= GET else None
    return _update(fields, table, item)


def _item(fields: JsonObject, table: Any) -> Any:
    """Return the item of a call, if its key is valid and the item exists."""
    from moto.dynamodb.models.dynamo_type import DynamoType  # noqa: PLC0415 - moto takes a second

    key = fields.get("Key")
    if not isinstance(key, dict) or key.keys() != {table.hash_key_attr}:
        return None
    return table.items.get(DynamoType(key[table.hash_key_attr]))


def _update(fields: JsonObject, table: Any, item: Any) -> JsonObject | None:
    """Set attributes to values, on condition that one attribute has a certain value."""
    from moto.dynamodb.models.dynamo_type import DynamoType  # noqa: PLC0415

    if (read := _read(fields)) is None:
        return None
    (name, expected), *assigned = read
    new = {name: DynamoType(value) for name, value in assigned}
    is_met = name in item.attrs and item.attrs[name] == DynamoType(expected)
    is_small = item.size() + sum(value.size() for value in new.values()) < LARGE
    if not (is_met and is_small) or table.hash_key_attr in new or table.stream_shard is not None:
        return None
    item.attrs.update(new)
    return {}


def _read(fields: JsonObject) -> list[tuple[str, Any]] | None:
    """Return the condition of an update, then its assignments, or None if it is not plain."""
    condition = ASSIGNMENT.fullmatch(fields.get("ConditionExpression", ""))
    expression = fields.get("UpdateExpression", "")
    if fields.keys() != UPDATE or condition is None or not SETS.fullmatch(expression):
        return None
    names, values = fields["ExpressionAttributeNames"], fields["ExpressionAttributeValues"]
    assigned = ASSIGNMENT.findall(expression)
    pairs = [condition.groups(), *assigned]
    # moto refuses missing and unused names and values, and a name that is set twice.
    used = ({name for name, _ in pairs}, {value for _, value in pairs})
    if used != (names.keys(), values.keys()) or len(dict(assigned)) < len(assigned):
        return None
    return [(names[name], values[value]) for name, value in pairs]
