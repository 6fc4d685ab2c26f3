from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from functions.api.app import create_app
from functions.api.dependencies import Services
from tasks.backlog import WatchedQueue
from tasks.model import Priority
from tasks.service import TaskService
from tests.fakes import (
    SMALL_VOCABULARY,
    FakeClock,
    InMemoryDocuments,
    InMemoryTaskQueue,
    InMemoryTaskStore,
)

if TYPE_CHECKING:
    import httpx2


@dataclass
class Api:
    """The application over fakes."""

    store: InMemoryTaskStore = field(default_factory=InMemoryTaskStore)
    queue: InMemoryTaskQueue = field(default_factory=InMemoryTaskQueue)
    bulk: InMemoryTaskQueue = field(default_factory=InMemoryTaskQueue)
    document_queue: InMemoryTaskQueue = field(default_factory=InMemoryTaskQueue)
    documents: InMemoryDocuments = field(default_factory=InMemoryDocuments)
    clock: FakeClock = field(default_factory=FakeClock)
    origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        queues = {
            Priority.INTERACTIVE: WatchedQueue(self.queue, self.clock),
            Priority.BULK: WatchedQueue(self.bulk, self.clock),
            Priority.DOCUMENT: WatchedQueue(self.document_queue, self.clock),
        }
        tasks = TaskService(
            self.store,
            queues,
            retention=86_400,
            deadline=900,
            clock=self.clock,
        )
        services = Services(
            tasks, queues, SMALL_VOCABULARY, "test", self.documents, 2, new_id=lambda: "d1"
        )
        app = create_app(lambda: services, lambda: self.origins)
        self.http = TestClient(app, raise_server_exceptions=False)

    def submit(self, **query: str) -> str:
        """Submit in the query form and return the task's id."""
        answer = self.http.post("/api/process", params=query)
        assert answer.status_code == 202, answer.text
        task_id: str = answer.json()[0]["task_id"]
        return task_id

    def untouched(self) -> bool:
        """Tell whether nothing was written or sent."""
        return not (self.store.rows or self.queue.messages or self.bulk.messages)


def problem_of(answer: httpx2.Response) -> str:
    """Return the slug of a problem, having checked that it is one."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    slug: str = body["type"].removeprefix("urn:barback:problem:")
    return slug


@pytest.fixture
def api() -> Api:
    return Api()
