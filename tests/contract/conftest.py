"""Each port's implementations, to be held to one suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tasks import aws
from tasks.store import DynamoTaskStore
from tests.fakes import InMemoryTaskStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasks.store import TaskStore


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


@pytest.fixture(params=["fake", "moto"])
def store(request: pytest.FixtureRequest) -> TaskStore:
    """Return an empty table."""
    if request.param == "fake":
        return InMemoryTaskStore()
    request.getfixturevalue("moto")
    boto3.client("dynamodb").create_table(
        TableName="tasks",
        AttributeDefinitions=[{"AttributeName": "task_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "task_id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoTaskStore(aws.client("dynamodb"), "tasks")
