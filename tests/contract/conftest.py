"""Fixtures of the contract tests: each port's fake and its real implementations."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from infra.emulated.deployment import table_parameters
from infra.local.storage.database import Database, open_database
from infra.local.storage.task_store import SqliteTaskStore
from infra.local.template import read_template
from infra.simulation.aws.client import PerfectNetwork, SimulatedClient
from infra.simulation.aws.dynamodb import STALE_SECONDS, DynamoTable
from infra.simulation.scheduler import Scheduler
from tasks.aws.client import create_client
from tasks.aws.dynamodb import DynamoTaskStore
from tests.fakes import NOW, InMemoryTaskStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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
        yield DynamoTaskStore(client, "contract", scheduler.sleep, lists_tasks=True)
        return
    emulator: Emulator = request.getfixturevalue("emulator")
    dynamodb = emulator.client("dynamodb")
    properties = read_template()["Resources"]["TaskTable"]["Properties"]
    dynamodb.create_table(TableName="contract", **table_parameters(properties))
    client = create_client("dynamodb")
    event = "provide-client-params.dynamodb.TransactWriteItems"
    client.meta.events.register(event, partial(_change_token, uuid4().hex[:8]))
    yield DynamoTaskStore(client, "contract", lists_tasks=True)
    dynamodb.delete_table(TableName="contract")


@pytest.fixture
def settle(store: TaskStore) -> Callable[[], None]:
    """Return what lets the simulated index catch up; the other ones are never late."""
    client = getattr(store, "_client", None)
    if not isinstance(client, SimulatedClient):
        return lambda: None
    return partial(store._pause, STALE_SECONDS)  # type: ignore[attr-defined] # noqa: SLF001


def _change_token(test: str, params: dict[str, Any], **_: Any) -> None:
    """Make a transaction's token unique to a test: an emulator remembers it for ten minutes."""
    params["ClientRequestToken"] = f"{params['ClientRequestToken'][-20:]}-{test}"
