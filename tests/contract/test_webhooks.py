"""The contracts of `DeliveryStore`, `SecretStore` and `DeliveryQueue`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from infra.emulated.deployment import table_parameters
from infra.local.storage.queue_settings import QueueSettings
from infra.local.storage.task_queue import SqliteTaskQueue
from infra.local.storage.webhook_store import SqliteDeliveryQueue, SqliteWebhookStore
from infra.local.template import read_template
from infra.simulation.aws.dynamodb import DynamoTable
from infra.simulation.aws.queue import Queue
from infra.simulation.aws.sqs import SimulatedSqs
from infra.simulation.scheduler import Scheduler
from tasks.aws.client import create_client
from tasks.aws.webhooks import DynamoWebhookStore, SqsDeliveryQueue
from tasks.webhooks.delivery import Attempt, DeliveryState, Reason, Reply, WebhookDelivery
from tasks.webhooks.messages import DeliveryMessage
from tasks.webhooks.secrets import OwnerSecrets, Secret
from tests.contract.conftest import simulated_client
from tests.fakes import NOW, FakeClock, InMemoryDeliveryQueue, InMemoryWebhookStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.storage.database import Database
    from tasks.webhooks.ports import DeliveryQueue, WebhookStore
    from tests.conftest import Emulator


DELIVERY = WebhookDelivery("t1", "me", "https://bar.example/?k=молоко", NOW, NOW + 86_400, NOW)
FULL = WebhookDelivery(
    delivery_id="b1-2_1790000000",
    owner="me",
    url="https://bar.example/hook",
    created_at=NOW + 0.125,
    expires_at=NOW + 86_400,
    started_at=NOW + 1.5,
    state=DeliveryState.FAILED,
    attempts=(
        Attempt(NOW + 2.25, Reply(503)),
        Attempt(NOW + 7.5, Reply(reason=Reason.TIMEOUT)),
    ),
    number=3,
    first=2,
    version=4,
    batch_id="b1-2",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
SECRETS = OwnerSecrets("me", (Secret("whsec_a"), Secret("whsec_b", NOW + 0.5)))


@pytest.fixture(params=["fake", "real", "sqlite", "simulated"])
def store(request: pytest.FixtureRequest) -> Iterator[WebhookStore]:
    """Return an empty table."""
    if request.param == "fake":
        yield InMemoryWebhookStore()
        return
    if request.param == "sqlite":
        yield SqliteWebhookStore(request.getfixturevalue("database"))
        return
    if request.param == "simulated":
        scheduler = Scheduler(NOW)
        client = simulated_client(DynamoTable(scheduler, "contract"), scheduler)
        yield DynamoWebhookStore(client, "contract")
        return
    emulator: Emulator = request.getfixturevalue("emulator")
    dynamodb = emulator.client("dynamodb")
    properties = read_template()["Resources"]["TaskTable"]["Properties"]
    dynamodb.create_table(TableName="contract", **table_parameters(properties))
    yield DynamoWebhookStore(create_client("dynamodb"), "contract")
    dynamodb.delete_table(TableName="contract")


@pytest.mark.parametrize("delivery", [DELIVERY, FULL], ids=["new", "ended"])
def test_the_table_returns_every_field_of_a_delivery(
    store: WebhookStore, delivery: WebhookDelivery
) -> None:
    assert store.get_delivery(delivery.delivery_id) is None
    store.create_delivery(delivery)
    assert store.get_delivery(delivery.delivery_id) == delivery


def test_a_delivery_that_exists_is_not_created_again(store: WebhookStore) -> None:
    """The stream's handler may run again, when attempts have been made."""
    store.create_delivery(DELIVERY)
    store.create_delivery(replace(DELIVERY, url="https://other.example/"))
    assert store.get_delivery("t1") == DELIVERY


def test_a_delivery_is_replaced_only_if_it_is_as_it_was_read(store: WebhookStore) -> None:
    store.create_delivery(DELIVERY)
    second = DELIVERY.after(1, Attempt(NOW + 1, Reply(500)))
    assert store.replace_delivery(second, DELIVERY) is True
    late = DELIVERY.after(1, Attempt(NOW + 2, Reply(200)))
    assert store.replace_delivery(late, DELIVERY) is False
    assert store.get_delivery("t1") == second


def test_a_delivery_is_started_again_once_by_two_who_read_it(store: WebhookStore) -> None:
    store.create_delivery(DELIVERY)
    assert store.replace_delivery(DELIVERY.restarted(NOW + 1), DELIVERY) is True
    assert store.replace_delivery(DELIVERY.restarted(NOW + 2), DELIVERY) is False
    assert store.get_delivery("t1") == DELIVERY.restarted(NOW + 1)


def test_a_delivery_without_a_row_is_not_replaced(store: WebhookStore) -> None:
    """The table may have deleted it."""
    assert store.replace_delivery(DELIVERY, DELIVERY) is False
    assert store.get_delivery("t1") is None


def test_secrets_are_written_one_version_after_another(store: WebhookStore) -> None:
    """Of two that write the same version, one loses."""
    assert store.get_secrets("me") is None
    assert store.put_secrets(SECRETS) is True
    assert store.put_secrets(SECRETS) is False
    assert store.get_secrets("me") == SECRETS
    rotated = SECRETS.rotated("whsec_c", NOW)
    assert store.put_secrets(rotated) is True
    assert store.put_secrets(SECRETS.rotated("whsec_d", NOW)) is False
    assert store.get_secrets("me") == rotated


def test_owners_have_different_secrets(store: WebhookStore) -> None:
    store.put_secrets(SECRETS)
    other = replace(SECRETS, owner="you")
    assert store.put_secrets(other) is True
    assert store.get_secrets("you") == other


class SqsHarness:
    """A queue in the emulator, with a way to receive its messages."""

    def __init__(self, emulator: Emulator) -> None:
        self._client: Any = emulator.client("sqs")
        self._url = self._client.create_queue(QueueName="deliveries")["QueueUrl"]
        self.queue: DeliveryQueue = SqsDeliveryQueue(create_client("sqs"), self._url)

    def close(self) -> None:
        self._client.delete_queue(QueueUrl=self._url)

    def receive(self) -> list[dict[str, Any]]:
        received: list[dict[str, Any]] = []
        while batch := self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=60,
            MessageSystemAttributeNames=["MessageGroupId"],
        ).get("Messages"):
            received += batch
        return received

    def visible(self) -> list[DeliveryMessage]:
        return [DeliveryMessage.decode(message["Body"]) for message in self.receive()]


class FakeHarness:
    """The fake, with a way to receive its messages."""

    def __init__(self) -> None:
        self._fake = InMemoryDeliveryQueue()
        self.queue: DeliveryQueue = self._fake

    def visible(self) -> list[DeliveryMessage]:
        return [message for message, delay in self._fake.sent if not delay]


class SqliteHarness:
    """A queue in SQLite, with a way to receive its messages."""

    def __init__(self, database: Database) -> None:
        settings = QueueSettings(visibility_timeout=60)
        self._queue = SqliteTaskQueue(database, "deliveries", FakeClock(), settings=settings)
        self.queue: DeliveryQueue = SqliteDeliveryQueue(self._queue)

    def visible(self) -> list[DeliveryMessage]:
        return [DeliveryMessage.decode(message.body) for message in self._queue.receive(100)]


class SimulatedHarness:
    """A simulated queue, with a way to receive its messages."""

    def __init__(self) -> None:
        scheduler = Scheduler(NOW)
        self._queue = Queue(scheduler, "contract", visibility=60)
        client = simulated_client(SimulatedSqs({"http://contract": self._queue}), scheduler)
        self.queue: DeliveryQueue = SqsDeliveryQueue(client, "http://contract", scheduler.sleep)

    def visible(self) -> list[DeliveryMessage]:
        received: list[DeliveryMessage] = []
        while batch := self._queue.receive(10):
            received += [DeliveryMessage.decode(message.body) for message in batch]
        return received


Harness = SqsHarness | FakeHarness | SqliteHarness | SimulatedHarness
MESSAGES = [DeliveryMessage(f"t{n}", n + 1, NOW - n, f"bar{n % 2}.example") for n in range(12)]


@pytest.fixture(params=["fake", "real", "sqlite", "simulated"])
def harness(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """Return a harness of an empty queue."""
    if request.param == "fake":
        yield FakeHarness()
        return
    if request.param == "sqlite":
        yield SqliteHarness(request.getfixturevalue("database"))
        return
    if request.param == "simulated":
        yield SimulatedHarness()
        return
    sqs = SqsHarness(request.getfixturevalue("emulator"))
    yield sqs
    sqs.close()


@pytest.mark.parametrize("count", [1, 2, 12])
def test_messages_that_are_due_are_visible_at_once(harness: Harness, count: int) -> None:
    """A call may send any number of messages."""
    harness.queue.send(MESSAGES[:count], NOW)
    assert sorted(harness.visible(), key=lambda message: message.attempt) == MESSAGES[:count]


def test_a_message_that_is_not_due_is_not_visible(harness: Harness) -> None:
    """A message due in more than 15 minutes can be sent all the same."""
    later = [replace(MESSAGES[0], due=NOW + seconds) for seconds in (5, 3_600)]
    harness.queue.send([*later, MESSAGES[1]], NOW)
    assert harness.visible() == [MESSAGES[1]]


@pytest.mark.parametrize("harness", ["real"], indirect=True)
def test_each_message_on_sqs_is_in_the_group_of_its_host(harness: Harness) -> None:
    """Groups make the queue fair among hosts."""
    assert isinstance(harness, SqsHarness)
    harness.queue.send(MESSAGES[:2], NOW)
    groups = [message["Attributes"]["MessageGroupId"] for message in harness.receive()]
    assert sorted(groups) == ["bar0.example", "bar1.example"]
