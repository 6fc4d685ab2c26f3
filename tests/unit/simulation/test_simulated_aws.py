"""The semantics and limits of the simulated services, beyond the contracts of the ports."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from infra.simulation.aws.client import PerfectNetwork, SimulatedClient
from infra.simulation.aws.dynamodb import DynamoTable, transaction_cancelled
from infra.simulation.aws.errors import ServiceError
from infra.simulation.aws.expressions import holds
from infra.simulation.aws.queue import Queue
from infra.simulation.aws.s3 import SimulatedS3, etag_of
from infra.simulation.aws.sqs import SimulatedSqs
from infra.simulation.scheduler import Scheduler

TABLE = "tasks"


def item(key: str, **attributes: str) -> dict[str, Any]:
    return {"task_id": {"S": key}, **{name: {"S": value} for name, value in attributes.items()}}


def put(key: str, **extra: Any) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": item(key), **extra}}


@pytest.fixture
def table() -> DynamoTable:
    return DynamoTable(Scheduler(0), TABLE)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("attribute_not_exists(task_id)", False),
        ("attribute_exists(#a)", True),
        ("#a = :one", True),
        ("#a <> :one", False),
        ("missing <> :one", True),
        ("missing = :one", False),
        ("n <= :ten AND NOT n > :ten", True),
        ("n < :ten OR (#a = :one AND n >= :ten)", True),
        ("#a = :ten", False),
    ],
)
def test_conditions_are_evaluated_as_dynamodb_does(
    condition: str,
    expected: bool,  # noqa: FBT001
) -> None:
    """Values of different types are never equal; numbers are compared as numbers."""
    stored = {**item("k", a="1"), "n": {"N": "10.0"}}
    values = {":one": {"S": "1"}, ":ten": {"N": "10"}}
    assert holds(condition, stored, {"#a": "a"}, values) is expected


def test_a_value_that_no_expression_uses_is_refused(table: DynamoTable) -> None:
    with pytest.raises(ServiceError, match="ValidationException"):
        table.put_item(
            TableName=TABLE, Item=item("k"), ExpressionAttributeValues={":a": {"S": "1"}}
        )


def test_an_update_creates_a_missing_item(table: DynamoTable) -> None:
    """DynamoDB's updates are upserts, unless a condition prevents it."""
    table.update_item(
        TableName=TABLE,
        Key=item("k"),
        UpdateExpression="SET a = :a",
        ExpressionAttributeValues={":a": {"S": "1"}},
    )
    assert table.items == {"k": item("k", a="1")}


def test_an_item_has_at_most_400_kilobytes(table: DynamoTable) -> None:
    with pytest.raises(ServiceError, match="ValidationException"):
        table.put_item(TableName=TABLE, Item=item("k", a="x" * 400 * 1024))
    assert table.items == {}


def test_an_eventually_consistent_read_may_be_a_second_old() -> None:
    scheduler = Scheduler(0)
    table = DynamoTable(scheduler, TABLE)
    table.put_item(TableName=TABLE, Item=item("k"))
    assert table.get_item(TableName=TABLE, Key=item("k")) == {}
    assert table.get_item(TableName=TABLE, Key=item("k"), ConsistentRead=True) != {}
    scheduler.sleep(1)
    assert table.get_item(TableName=TABLE, Key=item("k")) != {}


@pytest.mark.parametrize("count", [0, 26])
def test_a_batch_has_at_most_25_writes(table: DynamoTable, count: int) -> None:
    requests = [{"PutRequest": {"Item": item(f"k{number}")}} for number in range(count)]
    with pytest.raises(ServiceError, match="ValidationException"):
        table.batch_write_item(RequestItems={TABLE: requests})


def test_a_failed_condition_cancels_the_whole_transaction(table: DynamoTable) -> None:
    table.put_item(TableName=TABLE, Item=item("k1"))
    refused = put("k1", ConditionExpression="attribute_not_exists(task_id)")
    with pytest.raises(ServiceError) as raised:
        table.transact_write_items(TransactItems=[refused, put("k2")], ClientRequestToken="t")
    codes = [reason["Code"] for reason in raised.value.members["CancellationReasons"]]
    assert codes == ["ConditionalCheckFailed", "None"]
    assert "k2" not in table.items


def test_the_token_of_a_transaction_is_known_for_ten_minutes() -> None:
    """A repetition changes nothing, and other writes with the token are refused."""
    scheduler = Scheduler(0)
    table = DynamoTable(scheduler, TABLE)
    table.transact_write_items(TransactItems=[put("k")], ClientRequestToken="t")
    table.items.clear()
    table.transact_write_items(TransactItems=[put("k")], ClientRequestToken="t")
    assert table.items == {}
    with pytest.raises(ServiceError, match="IdempotentParameterMismatchException"):
        table.transact_write_items(TransactItems=[put("k2")], ClientRequestToken="t")
    scheduler.sleep(601)
    table.transact_write_items(TransactItems=[put("k")], ClientRequestToken="t")
    assert "k" in table.items


def test_a_transaction_in_progress_conflicts_with_other_writes(table: DynamoTable) -> None:
    commit = table.begin_transaction([put("k")], "t")
    assert commit is not None
    with pytest.raises(ServiceError, match="TransactionInProgressException"):
        table.begin_transaction([put("k")], "t")
    with pytest.raises(ServiceError, match="TransactionConflictException"):
        table.put_item(TableName=TABLE, Item=item("k"))
    with pytest.raises(ServiceError, match="TransactionCanceledException"):
        table.begin_transaction([put("k")], "other")
    commit()
    table.put_item(TableName=TABLE, Item=item("k"))


def test_an_expired_item_is_deleted_only_after_its_time() -> None:
    scheduler = Scheduler(0)
    table = DynamoTable(scheduler, TABLE)
    table.put_item(TableName=TABLE, Item={**item("k"), "expires_at": {"N": "10"}})
    table.expire("k")
    assert "k" in table.items
    scheduler.sleep(10)
    table.expire("k")
    assert table.items == {}


def entries(*bodies: str) -> list[dict[str, str]]:
    return [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]


@pytest.mark.parametrize("bodies", [["x"] * 11, [], ["x" * 200_000] * 2])
def test_a_batch_has_ten_messages_of_256_kilobytes_together(bodies: list[str]) -> None:
    sqs = SimulatedSqs({"url": Queue(Scheduler(0), "q")})
    with pytest.raises(ServiceError, match="Batch"):
        sqs.send_message_batch(QueueUrl="url", Entries=entries(*bodies))


def test_a_message_that_is_not_in_flight_cannot_be_delayed() -> None:
    scheduler = Scheduler(0)
    queue = Queue(scheduler, "q", visibility=1)
    queue.send("a")
    [received] = queue.receive(1)
    scheduler.sleep(2)
    with pytest.raises(ServiceError, match="MessageNotInflight"):
        queue.change_visibility(received.receipt_handle, 5)


def test_a_message_is_kept_for_the_retention_period() -> None:
    scheduler = Scheduler(0)
    queue = Queue(scheduler, "q", retention=60)
    queue.send("a")
    scheduler.sleep(60)
    assert queue.receive(1) == []
    assert queue.messages == {}


def test_a_read_with_the_etag_of_another_version_is_refused() -> None:
    s3 = SimulatedS3("b")
    s3.put_object(Bucket="b", Key="k", Body=b"new")
    assert s3.get_object(Bucket="b", Key="k", IfMatch=etag_of(b"new"))["ContentLength"] == 3
    with pytest.raises(ServiceError, match="PreconditionFailed"):
        s3.get_object(Bucket="b", Key="k", IfMatch=etag_of(b"old"))


class FailingNetwork(PerfectNetwork):
    """Attempts meet these errors, one after another."""

    def __init__(self, scheduler: Scheduler, *errors: Exception) -> None:
        super().__init__(scheduler, Random(1))
        self.errors = list(errors)
        self.attempts = 0

    def carry(self, attempt: Any) -> Any:
        self.attempts += 1
        if self.errors:
            raise self.errors.pop(0)
        return super().carry(attempt)


def get_with(*errors: Exception) -> int:
    """Make a GetItem whose attempts meet these errors; return the number of attempts."""
    scheduler = Scheduler(0)
    network = FailingNetwork(scheduler, *errors)
    client = SimulatedClient(DynamoTable(scheduler, TABLE), network, scheduler, Random(1))
    try:
        client.get_item(TableName=TABLE, Key=item("k"))
    finally:
        assert network.attempts <= 2
    return network.attempts


@pytest.mark.parametrize(
    "error",
    [
        ServiceError("ThrottlingException"),
        ServiceError("InternalServerError", status=500),
        ServiceError("TransactionInProgressException"),
        ReadTimeoutError(endpoint_url=""),
    ],
    ids=repr,
)
def test_a_transient_error_is_repeated_once_as_botocore_does(error: Exception) -> None:
    assert get_with(error) == 2
    with pytest.raises((ClientError, ReadTimeoutError)):
        get_with(error, error)


def test_an_error_of_the_request_is_raised_as_botocore_does() -> None:
    """Its class is that of the client's exceptions."""
    scheduler = Scheduler(0)
    network = FailingNetwork(scheduler, transaction_cancelled(["ConditionalCheckFailed"]))
    client = SimulatedClient(DynamoTable(scheduler, TABLE), network, scheduler, Random(1))
    with pytest.raises(client.exceptions.TransactionCanceledException) as raised:
        client.transact_write_items(TransactItems=[put("k")])
    assert raised.value.response["CancellationReasons"] == [{"Code": "ConditionalCheckFailed"}]


def test_a_parameter_that_the_simulation_does_not_know_is_refused() -> None:
    """The simulation must not ignore what the code asks of AWS."""
    scheduler = Scheduler(0)
    network = PerfectNetwork(scheduler, Random(1))
    client = SimulatedClient(DynamoTable(scheduler, TABLE), network, scheduler, Random(1))
    with pytest.raises(TypeError):
        client.put_item(TableName=TABLE, Item=item("k"), ReturnValues="ALL_OLD")
