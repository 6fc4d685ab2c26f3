"""A shortcut has the same effect as moto, or leaves the call to moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from infra.local import shortcuts

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request"
ITEM: Any = {"task_id": {"S": "1"}, "status": {"S": "PROCESSING"}, "tries": {"L": [{"N": "1"}]}}
KEY = {"task_id": {"S": "1"}}


def update(**changes: Any) -> dict[str, Any]:
    """Return the fields of a plain call, some of them changed, or left out if None."""
    fields = {
        "TableName": "tasks",
        "Key": KEY,
        "UpdateExpression": "SET #status = :status, #result = :result",
        "ConditionExpression": "#status = :processing",
        "ExpressionAttributeNames": {"#status": "status", "#result": "result"},
        "ExpressionAttributeValues": {
            ":processing": {"S": "PROCESSING"},
            ":status": {"S": "SUCCESS"},
            ":result": {"M": {"names": {"L": [{"S": "sugar"}]}}},
        },
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of moto, with two tables that contain the same item."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        for table in ("tasks", "twin"):
            client.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": "task_id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "task_id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
            client.put_item(TableName=table, Item=ITEM)
        yield client


def shortcut(operation: str, fields: dict[str, Any]) -> Any:
    return shortcuts.answer(operation, fields, shortcuts.table_of(fields, AUTHORIZATION))


def item_of(client: Any, table: str = "tasks") -> Any:
    return client.get_item(TableName=table, Key=KEY)["Item"]


def test_an_update_by_shortcut_writes_the_same_item_as_moto(dynamodb: Any) -> None:
    assert shortcut("UpdateItem", update()) == {}
    dynamodb.update_item(**update(TableName="twin"))
    assert item_of(dynamodb) == item_of(dynamodb, "twin") != ITEM


def test_a_read_by_shortcut_returns_the_same_item_as_moto(dynamodb: Any) -> None:
    """The item may have been written by moto or by a shortcut."""
    fields = {"TableName": "tasks", "Key": KEY, "ConsistentRead": True}
    assert shortcut("GetItem", fields) == {"Item": item_of(dynamodb)} == {"Item": ITEM}
    shortcut("UpdateItem", update())
    assert shortcut("GetItem", fields) == {"Item": item_of(dynamodb)} != {"Item": ITEM}


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("UpdateItem", update(Key={"task_id": {"S": "2"}})),
        ("UpdateItem", update(Key={"owner": {"S": "1"}})),
        ("UpdateItem", update(TableName="nowhere")),
        ("UpdateItem", update(ConditionExpression=None)),
        ("UpdateItem", update(ConditionExpression="#result = :processing")),
        ("UpdateItem", update(ConditionExpression="#status <> :processing")),
        ("UpdateItem", update(ConditionExpression="attribute_exists(task_id)")),
        ("UpdateItem", update(UpdateExpression="SET #status = :status REMOVE #result")),
        ("UpdateItem", update(UpdateExpression="SET #status = :status, #status = :result")),
        ("UpdateItem", update(UpdateExpression="SET #status = :status")),
        ("UpdateItem", update(ReturnValues="ALL_NEW")),
        (
            "UpdateItem",
            update(ExpressionAttributeNames={"#status": "status", "#result": "task_id"}),
        ),
        ("GetItem", {"TableName": "tasks", "Key": {"task_id": {"S": "2"}}}),
        ("GetItem", {"TableName": "tasks", "Key": KEY, "ProjectionExpression": "task_id"}),
        ("DeleteItem", {"TableName": "tasks", "Key": KEY}),
        ("ListTables", {}),
    ],
)
def test_a_call_in_any_other_form_is_left_to_moto(
    dynamodb: Any, operation: str, fields: dict[str, Any]
) -> None:
    """The item does not change."""
    assert shortcut(operation, fields) is None
    assert item_of(dynamodb) == ITEM


def test_an_unmet_condition_is_left_to_moto(dynamodb: Any) -> None:
    """Then moto rejects the update."""
    assert shortcut("UpdateItem", update()) == {}
    written = item_of(dynamodb)
    assert shortcut("UpdateItem", update()) is None
    assert item_of(dynamodb) == written
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.update_item(**update())


def test_a_table_with_a_stream_is_left_to_moto(dynamodb: Any) -> None:
    """The stream must contain every write."""
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    dynamodb.update_table(TableName="tasks", StreamSpecification=stream)
    assert shortcut("UpdateItem", update()) is None


def test_a_large_item_is_left_to_moto(dynamodb: Any) -> None:
    """The size limit is enforced by moto."""
    values = {**update()["ExpressionAttributeValues"], ":result": {"S": "x" * 400_000}}
    assert shortcut("UpdateItem", update(ExpressionAttributeValues=values)) is None
    assert item_of(dynamodb) == ITEM


def test_a_table_is_not_found_in_another_region(dynamodb: Any) -> None:  # noqa: ARG001 - creates the tables
    """The signature of a call contains its region."""
    elsewhere = AUTHORIZATION.replace("us-east-1", "eu-west-1")
    assert shortcuts.table_of(update(), elsewhere) is None
