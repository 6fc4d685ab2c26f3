"""The ports of the functions on one machine: rows and queues in SQLite, documents in files."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from infra.local.storage.database import open_database
from infra.local.storage.delivery_trigger import DeliveryTrigger
from infra.local.storage.document_store import FileDocumentStore
from infra.local.storage.links import load_secret
from infra.local.storage.queue_settings import queue_settings
from infra.local.storage.task_queue import SqliteTaskQueue
from infra.local.storage.task_store import SqliteTaskStore
from infra.local.storage.webhook_store import SqliteDeliveryQueue, SqliteWebhookStore
from infra.local.template import TEMPLATE, read_template
from tasks.task import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

QUEUE_NAMES: Final = {
    Lane.INTERACTIVE: "TaskQueue",
    Lane.BULK: "BulkQueue",
    Lane.DOCUMENT: "DocumentQueue",
}
WEBHOOK_QUEUE: Final = "WebhookQueue"
LOCAL_VARIABLES: Final = {"LOCAL_WEBHOOKS": "true"}  # receivers on this machine
OTHER_BUCKETS: Final = "buckets"  # the folder with a folder for each bucket of others


@dataclass(frozen=True, slots=True)
class Location:
    """Where the data of a stack are, and at which URL its files are served.

    Attributes:
        folder: the data folder.
        url: the URL of the API.
        durable: whether data survive a power failure.
        template: the file with the settings of the functions and queues.
    """

    folder: Path
    url: str
    durable: bool = False
    template: Path = TEMPLATE


@dataclass(frozen=True, slots=True)
class Ports:
    """The implementations of the ports. The queues are named by their logical ids."""

    store: SqliteTaskStore
    webhooks: SqliteWebhookStore
    queues: Mapping[str, SqliteTaskQueue]
    documents: FileDocumentStore

    def lanes(self) -> dict[Lane, SqliteTaskQueue]:
        """Return the queue of each lane."""
        return {lane: self.queues[name] for lane, name in QUEUE_NAMES.items()}

    def deliveries(self) -> SqliteDeliveryQueue:
        """Return the queue of deliveries."""
        return SqliteDeliveryQueue(self.queues[WEBHOOK_QUEUE])


def open_ports(location: Location, wake: Callable[[str], None]) -> Ports:
    """Open the data of a stack; `wake` wakes the receivers of the named queue.

    Raises:
        StorageError: the data are from a newer version.
    """
    database = open_database(location.folder, durable=location.durable)
    queues = {
        name: SqliteTaskQueue(
            database, name, time.time, settings=settings, notify=partial(wake, name)
        )
        for name, settings in queue_settings(read_template(location.template)).items()
    }
    documents = FileDocumentStore(
        location.folder / "documents",
        f"{location.url}/files",
        load_secret(location.folder),
        time.time,
        other_buckets=location.folder / OTHER_BUCKETS,
    )
    trigger = DeliveryTrigger(queues[WEBHOOK_QUEUE], time.time)
    store = SqliteTaskStore(database, trigger)
    return Ports(store, SqliteWebhookStore(database), queues, documents)
