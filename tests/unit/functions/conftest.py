from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest
from fastapi.testclient import TestClient

from functions.api.app import create_app
from functions.api.bootstrap import bootstrap
from tasks.task import Lane
from tests.fakes import (
    SMALL_VOCABULARY,
    FakeClock,
    InMemoryDeliveryQueue,
    InMemoryDocumentStore,
    InMemoryTaskQueue,
    InMemoryTaskStore,
    InMemoryWebhookStore,
    sequential_ids,
)

if TYPE_CHECKING:
    import httpx2

    from suggester.vocabulary import Vocabulary

ENVIRONMENT: Final = {
    "TABLE_NAME": "tasks",
    "TASK_QUEUE_URL": "http://sqs/tasks",
    "BULK_QUEUE_URL": "http://sqs/bulk",
    "DOCUMENT_QUEUE_URL": "http://sqs/documents",
    "WEBHOOK_QUEUE_URL": "http://sqs/webhooks",
    "DOCUMENT_BUCKET": "documents",
    "RETENTION_SECONDS": "86400",
    "DEADLINE_SECONDS": "900",
    "LONGEST_WAIT_SECONDS": "2",
}


@dataclass
class Api:
    """The application with fakes for all ports."""

    store: InMemoryTaskStore = field(default_factory=InMemoryTaskStore)
    queue: InMemoryTaskQueue = field(default_factory=InMemoryTaskQueue)
    bulk: InMemoryTaskQueue = field(default_factory=InMemoryTaskQueue)
    document_queue: InMemoryTaskQueue = field(default_factory=InMemoryTaskQueue)
    webhooks: InMemoryWebhookStore = field(default_factory=InMemoryWebhookStore)
    webhook_queue: InMemoryDeliveryQueue = field(default_factory=InMemoryDeliveryQueue)
    local_webhooks: bool = False
    has_webhooks: bool = True
    documents: InMemoryDocumentStore = field(default_factory=InMemoryDocumentStore)
    clock: FakeClock = field(default_factory=FakeClock)
    origins: str = ""
    pipelines: str = ""
    other_buckets: str = ""
    vocabulary: Vocabulary = SMALL_VOCABULARY

    def __post_init__(self) -> None:
        services = bootstrap(
            ENVIRONMENT
            | {
                "ALLOWED_ORIGINS": self.origins,
                "PIPELINES": self.pipelines,
                "DOCUMENT_BUCKETS": self.other_buckets,
            }
            | ({"LOCAL_WEBHOOKS": "true"} if self.local_webhooks else {})
            | ({} if self.has_webhooks else {"WEBHOOKS": "false"}),
            store=self.store,
            queues={
                Lane.INTERACTIVE: self.queue,
                Lane.BULK: self.bulk,
                Lane.DOCUMENT: self.document_queue,
            },
            webhooks=self.webhooks,
            webhook_queue=self.webhook_queue,
            documents=self.documents,
            vocabulary=self.vocabulary,
            clock=self.clock,
            new_id=sequential_ids(),
        )
        self.http = TestClient(create_app(services))

    def submit(self, **query: str) -> str:
        """Submit a drink as a query and return the id of its task."""
        response = self.http.post("/api/process", params=query)
        assert response.status_code == 202, response.text
        task_id: str = response.json()[0]["task_id"]
        return task_id

    def is_untouched(self) -> bool:
        """Whether no task has been written or sent."""
        return not (self.store.rows or self.queue.messages or self.bulk.messages)


def problem_of(response: httpx2.Response) -> str:
    """Check the form of a problem and return the last part of its type."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert body["status"] == response.status_code
    assert body["title"]
    assert body["detail"]
    slug: str = body["type"].removeprefix("urn:barback:problem:")
    return slug


@pytest.fixture
def api() -> Api:
    return Api()
