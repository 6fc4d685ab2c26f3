"""A short cut does what moto itself does, or leaves the call to it."""

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
    """Return a call in the plain form, with some fields changed or (None) left out."""
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
    """Return a client of moto with two tables that hold the same item."""
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


def short_cut(operation: str, fields: dict[str, Any]) -> Any:
    return shortcuts.answer(operation, fields, shortcuts.table_of(fields, AUTHORIZATION))


def item_of(client: Any, table: str = "tasks") -> Any:
    return client.get_item(TableName=table, Key=KEY)["Item"]


def test_an_update_leaves_what_moto_would(dynamodb: Any) -> None:
    """The same call on two tables, by the short cut and by moto, makes the same item."""
    assert short_cut("UpdateItem", update()) == {}
    dynamodb.update_item(**update(TableName="twin"))
    assert item_of(dynamodb) == item_of(dynamodb, "twin") != ITEM


def test_a_read_says_what_moto_would(dynamodb: Any) -> None:
    """Also of an item that a short cut has written."""
    fields = {"TableName": "tasks", "Key": KEY, "ConsistentRead": True}
    assert short_cut("GetItem", fields) == {"Item": item_of(dynamodb)} == {"Item": ITEM}
    short_cut("UpdateItem", update())
    assert short_cut("GetItem", fields) == {"Item": item_of(dynamodb)} != {"Item": ITEM}


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
def test_whatever_is_not_plain_is_left_to_moto(
    dynamodb: Any, operation: str, fields: dict[str, Any]
) -> None:
    """No answer, and the item stays as it was."""
    assert short_cut(operation, fields) is None
    assert item_of(dynamodb) == ITEM


def test_a_condition_that_is_not_met_is_left_to_moto(dynamodb: Any) -> None:
    """A final status stays: the second update is moto's to refuse."""
    assert short_cut("UpdateItem", update()) == {}
    written = item_of(dynamodb)
    assert short_cut("UpdateItem", update()) is None
    assert item_of(dynamodb) == written
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.update_item(**update())


def test_a_table_with_a_stream_is_left_to_moto(dynamodb: Any) -> None:
    """The stream must tell of every write."""
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    dynamodb.update_table(TableName="tasks", StreamSpecification=stream)
    assert short_cut("UpdateItem", update()) is None


def test_a_large_item_is_left_to_moto(dynamodb: Any) -> None:
    """It knows the limit."""
    values = {**update()["ExpressionAttributeValues"], ":result": {"S": "x" * 400_000}}
    assert short_cut("UpdateItem", update(ExpressionAttributeValues=values)) is None
    assert item_of(dynamodb) == ITEM


def test_a_region_is_not_another(dynamodb: Any) -> None:  # noqa: ARG001 - makes the tables
    """A call that was signed for elsewhere does not find the table."""
    elsewhere = AUTHORIZATION.replace("us-east-1", "eu-west-1")
    assert shortcuts.table_of(update(), elsewhere) is None
