"""Fixtures of the contract tests: each port's fake and its real implementations."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.storage.database import Database, open_database
from infra.local.storage.task_store import SqliteTaskStore
from infra.local.template import read_template
from infra.simulation.aws.client import PerfectNetwork, SimulatedClient
from infra.simulation.aws.dynamodb import DynamoTable
from infra.simulation.scheduler import Scheduler
from tasks.aws.client import create_client
from tasks.aws.dynamodb import DynamoTaskStore
from tests.fakes import NOW, InMemoryTaskStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.simulation.aws.client import Backend
    from tasks.ports import TaskStore
    from tests.conftest import Emulator


@pytest.fixture
def largest_transaction(pytestconfig: pytest.Config) -> int:
    """Return the largest number of items in a transaction: 100, or 10 in DynamoDB Local of 2020."""
    return 10 if pytestconfig.getoption("--localstack") else 100


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return an empty database."""
    database = open_database(tmp_path)
    yield database
    database.close()


def simulated_client(backend: Backend, scheduler: Scheduler) -> Any:
    """Return a simulated client whose attempts all succeed."""
    random = Random(1)
    return SimulatedClient(backend, PerfectNetwork(scheduler, random), scheduler, random)


@pytest.fixture(params=["fake", "real", "sqlite", "simulated"])
def store(request: pytest.FixtureRequest) -> Iterator[TaskStore]:
    """Return an empty table: the fake, SQLite, the simulated one, or that in the emulator."""
    if request.param == "fake":
        yield InMemoryTaskStore()
        return
    if request.param == "sqlite":
        yield SqliteTaskStore(request.getfixturevalue("database"))
        return
    if request.param == "simulated":
        scheduler = Scheduler(NOW)
        client = simulated_client(DynamoTable(scheduler, "contract"), scheduler)
        yield DynamoTaskStore(client, "contract", scheduler.sleep)
        return
    emulator: Emulator = request.getfixturevalue("emulator")
    dynamodb = emulator.client("dynamodb")
    properties = read_template()["Resources"]["TaskTable"]["Properties"]
    keys = ("AttributeDefinitions", "KeySchema", "BillingMode")
    dynamodb.create_table(TableName="contract", **{key: properties[key] for key in keys})
    yield DynamoTaskStore(create_client("dynamodb"), "contract")
    dynamodb.delete_table(TableName="contract")
