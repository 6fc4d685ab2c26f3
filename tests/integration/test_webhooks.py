"""A result on its way to a receiver: row → stream → delivery → queue → HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks import Webhook

from tests.integration.receiver import Delivered, Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.conftest import Deployment, Response

FUNCTION = "WebhookFunction"


class Harness:
    """A deployment whose functions deliver to this machine, and a receiver."""

    def __init__(self, deployment: Deployment, found: Receiver) -> None:
        for name in ("ApiFunction", FUNCTION):
            environment = {**deployment.functions[name].environment, "LOCAL_WEBHOOKS": "true"}
            changed = replace(deployment.functions[name], environment=environment)
            deployment.functions[name] = changed
        self.deployment = deployment
        self.receiver = found

    def submit(self, body: Any) -> list[str]:
        target = f"/api/process?webhook={self.receiver.url}"
        return [task["task_id"] for task in self.deployment.http("POST", target, body).body]

    def work(self) -> None:
        """Answer the waiting drinks."""
        while self.deployment.source("WorkerFunction").poll():
            pass

    def deliver(self, *ended: str) -> list[Delivered]:
        """Start the deliveries of tasks, make the attempts, and return all requests so far."""
        self.deployment.stream(*ended)
        while self.deployment.source(FUNCTION).poll():
            pass
        return self.receiver.delivered

    def deliveries(self, task_id: str) -> Response:
        return self.deployment.http("GET", f"/api/task/{task_id}/deliveries")


@pytest.fixture
def harness(deployment: Deployment) -> Iterator[Harness]:
    with receiver() as found:
        yield Harness(deployment, found)


def test_the_official_library_verifies_a_delivery(harness: Harness) -> None:
    """With each of two secrets while one replaces the other."""
    http = harness.deployment.http
    [old] = http("GET", "/api/webhooks/secret").body["secrets"]
    new, _ = http("POST", "/api/webhooks/secret").body["secrets"]
    [task_id] = harness.submit({"ingredients": ["milk"]})
    harness.work()
    [delivered] = harness.deliver(task_id)
    for secret in (old, new):
        body = Webhook(secret).verify(delivered.body, delivered.headers)
        assert body == http("GET", f"/api/result/{task_id}").body
    assert delivered.headers["webhook-id"] == task_id


def test_an_array_is_delivered_once_when_all_of_it_has_ended(harness: Harness) -> None:
    ids = harness.submit([{"ingredients": ["milk"]}, {"ingredients": ["water"]}])
    harness.deployment.http("DELETE", f"/api/task/{ids[0]}")
    assert harness.deliver(ids[0]) == []
    harness.work()
    [delivered] = harness.deliver(ids[1])
    body = json.loads(delivered.body)
    batch = harness.deployment.http("GET", f"/api/batches/{body['batch_id']}").body
    assert body == batch
    assert [result["task_id"] for result in batch["results"]] == ids


def test_a_failed_attempt_is_shown_and_can_be_repeated_at_once(harness: Harness) -> None:
    statuses = iter([503, 204])
    harness.receiver.answer = lambda _: next(statuses)
    [task_id] = harness.submit({"ingredients": ["milk"]})
    harness.work()
    assert len(harness.deliver(task_id)) == 1
    found = harness.deliveries(task_id).body
    assert (found["state"], found["attempts"][0]["status"]) == ("PENDING", 503)
    harness.deployment.http("POST", f"/api/task/{task_id}/redeliver")
    first, second = harness.deliver()
    assert (first.webhook_id, first.body) == (second.webhook_id, second.body)
    assert harness.deliveries(task_id).body["state"] == "DELIVERED"
