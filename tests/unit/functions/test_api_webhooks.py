from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tasks.task import Outcome, Status, Task
from tasks.webhooks.delivery import (
    MAX_ATTEMPTS,
    Attempt,
    DeliveryState,
    Reason,
    Reply,
    WebhookDelivery,
)
from tasks.webhooks.messages import DeliveryMessage
from tests.fakes import NOW
from tests.unit.functions.conftest import Api, problem_of

URL = "https://bar.example/hook?token=1"
CANCELLED = Outcome(Status.CANCELLED, NOW + 1)


def submit(api: Api, body: Any = None, url: str = URL, **headers: str) -> list[str]:
    """Submit with a webhook and return the ids of the tasks."""
    response = api.http.post("/api/process", params={"webhook": url}, json=body, headers=headers)
    assert response.status_code == 202, response.text
    return [task["task_id"] for task in response.json()]


def delivery_of(task: Task) -> WebhookDelivery:
    return WebhookDelivery(task.task_id, task.owner, URL, NOW, task.expires_at, NOW)


@pytest.mark.parametrize("body", [{}, {"priority": "bulk"}, [{}, {}]])
def test_a_webhook_is_a_part_of_each_task(api: Api, body: Any) -> None:
    ids = submit(api, body)
    assert {api.store.rows[task_id].webhook for task_id in ids} == {URL}


def test_a_document_may_have_a_webhook(api: Api) -> None:
    document = api.http.post("/api/documents", json={"bytes": 10}).json()["document"]
    [task_id] = submit(api, {"document": document})
    assert api.store.rows[task_id].webhook == URL


def test_a_query_may_have_a_webhook(api: Api) -> None:
    task_id = api.submit(ingredients_joined="milk", webhook=URL)
    assert api.store.rows[task_id].webhook == URL


def test_a_task_without_a_webhook_has_none(api: Api) -> None:
    assert api.store.rows[api.submit(ingredients_joined="milk")].webhook is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://bar.example/", "https://"),
        ("https://10.0.0.1/", "not public"),
        ("https://169.254.169.254/latest/meta-data", "not public"),
        ("https://[::ffff:10.0.0.1]/", "not public"),
        ("https://localhost/", "public name"),
        ("https://me:secret@bar.example/", "password"),
        ("http://localhost:9000/", "https://"),
        ("", "such as"),
    ],
)
def test_a_url_that_no_delivery_is_sent_to_is_refused(api: Api, url: str, reason: str) -> None:
    """Before a task is written."""
    response = api.http.post("/api/process", params={"webhook": url}, json={})
    assert response.status_code == 422
    assert problem_of(response) == "invalid"
    [error] = response.json()["errors"]
    assert error["at"] == "query.webhook"
    assert reason in error["detail"]
    assert api.is_untouched()


def test_a_local_stack_accepts_a_receiver_on_its_machine() -> None:
    api = Api(local_webhooks=True)
    [task_id] = submit(api, {}, "http://localhost:9000/hook")
    assert api.store.rows[task_id].webhook == "http://localhost:9000/hook"


def test_another_webhook_is_another_request(api: Api) -> None:
    """Of one idempotency key."""
    headers = {"Idempotency-Key": "k"}
    ids = submit(api, {}, **headers)
    assert submit(api, {}, **headers) == ids
    for params in ({}, {"webhook": "https://other.example/"}):
        response = api.http.post("/api/process", params=params, json={}, headers=headers)
        assert problem_of(response) == "key-reused"


def test_an_owner_reads_and_rotates_secrets(api: Api) -> None:
    first = api.http.get("/api/webhooks/secret").json()
    assert api.http.get("/api/webhooks/secret").json() == first
    rotated = api.http.post("/api/webhooks/secret").json()
    assert rotated["secrets"][1:] == first["secrets"]
    assert api.http.get("/api/webhooks/secret").json() == rotated


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/webhooks/secret", {"GET", "HEAD", "POST"}),
        ("/api/batches/0", {"GET", "HEAD", "DELETE"}),
    ],
)
def test_a_refused_method_is_answered_with_all_methods_of_the_path(
    api: Api, path: str, methods: set[str]
) -> None:
    """Each method of a path has a route of its own."""
    response = api.http.put(path)
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == methods


def test_owners_have_different_secrets(api: Api) -> None:
    mine = api.http.get("/api/webhooks/secret", headers={"x-api-key": "mine"}).json()
    yours = api.http.get("/api/webhooks/secret", headers={"x-api-key": "yours"}).json()
    assert mine != yours


def test_secrets_are_unavailable_with_the_table(api: Api) -> None:
    api.webhooks.unavailable = True
    assert problem_of(api.http.get("/api/webhooks/secret")) == "unavailable"


def test_deliveries_show_the_time_and_status_of_attempts(api: Api) -> None:
    [task_id] = submit(api, {})
    delivery = delivery_of(api.store.rows[task_id])
    failed = delivery.after(1, Attempt(NOW, Reply(reason=Reason.TIMEOUT)))
    api.webhooks.create_delivery(failed.after(2, Attempt(NOW + 5.5, Reply(204))))
    response = api.http.get(f"/api/task/{task_id}/deliveries")
    assert response.json() == {
        "webhook": URL,
        "state": "DELIVERED",
        "attempts": [
            {"at": "2026-09-21T14:13:20Z", "status": None, "reason": "timeout"},
            {"at": "2026-09-21T14:13:25.500000Z", "status": 204, "reason": None},
        ],
    }


@pytest.mark.parametrize("webhook", [URL, None])
def test_a_task_without_a_delivery_has_no_attempts(api: Api, webhook: str | None) -> None:
    task_id = submit(api, {})[0] if webhook else api.submit(ingredients_joined="milk")
    response = api.http.get(f"/api/task/{task_id}/deliveries")
    assert response.json() == {"webhook": webhook, "state": None, "attempts": []}


@pytest.mark.parametrize(("method", "call"), [("GET", "deliveries"), ("POST", "redeliver")])
def test_a_task_of_someone_else_has_no_deliveries(api: Api, method: str, call: str) -> None:
    [task_id] = submit(api, {})
    response = api.http.request(
        method, f"/api/task/{task_id}/{call}", headers={"x-api-key": "other"}
    )
    assert problem_of(response) == "task-not-found"


def test_a_delivery_that_failed_is_started_again(api: Api) -> None:
    """Its next attempt is due now."""
    [task_id] = submit(api, {})
    api.store.finish(task_id, CANCELLED)
    delivery = delivery_of(api.store.rows[task_id])
    api.webhooks.create_delivery(delivery.after(1, Attempt(NOW, Reply(410))))
    response = api.http.post(f"/api/task/{task_id}/redeliver")
    assert response.status_code == 202
    assert response.json()["state"] == "PENDING"
    assert len(response.json()["attempts"]) == 1
    row = api.webhooks.deliveries[task_id]
    assert (row.state, row.number, row.first) == (DeliveryState.PENDING, 2, 2)
    assert api.webhook_queue.sent == [(DeliveryMessage(task_id, 2, NOW, "bar.example"), 0)]


def test_a_delivery_that_waits_is_started_again(api: Api) -> None:
    """A crash between row and message is repaired in the same way."""
    [task_id] = submit(api, {})
    api.store.finish(task_id, CANCELLED)
    api.webhooks.create_delivery(delivery_of(api.store.rows[task_id]))
    assert api.http.post(f"/api/task/{task_id}/redeliver").status_code == 202
    assert api.webhook_queue.sent == [(DeliveryMessage(task_id, 1, NOW, "bar.example"), 0)]


def test_a_delivery_is_not_started_again_for_ever(api: Api) -> None:
    """Each start counts as an attempt, so that nobody can flood a receiver."""
    [task_id] = submit(api, {})
    api.store.finish(task_id, CANCELLED)
    api.webhooks.create_delivery(delivery_of(api.store.rows[task_id]))
    answers = [api.http.post(f"/api/task/{task_id}/redeliver") for _ in range(MAX_ATTEMPTS + 1)]
    assert [answer.status_code for answer in answers] == [202] * MAX_ATTEMPTS + [409]
    assert problem_of(answers[-1]) == "redelivery-refused"
    assert len(api.webhook_queue.sent) == MAX_ATTEMPTS


def test_a_delivery_that_was_never_started_is_started(api: Api) -> None:
    """Its record of the stream may be lost."""
    [task_id] = submit(api, {})
    api.store.finish(task_id, CANCELLED)
    assert api.http.post(f"/api/task/{task_id}/redeliver").json()["state"] == "PENDING"
    assert len(api.webhook_queue.sent) == 1


def test_the_delivery_of_an_array_belongs_to_each_of_its_tasks(api: Api) -> None:
    ids = submit(api, [{}, {}])
    refused = api.http.post(f"/api/task/{ids[0]}/redeliver")
    assert problem_of(refused) == "nothing-to-deliver"
    api.store.finish(ids[0], CANCELLED)
    refused = api.http.post(f"/api/task/{ids[0]}/redeliver")
    assert "array" in refused.json()["detail"]
    api.store.finish(ids[1], CANCELLED)
    assert api.http.post(f"/api/task/{ids[0]}/redeliver").status_code == 202
    [(message, _)] = api.webhook_queue.sent
    assert message.delivery_id == f"{api.store.rows[ids[1]].batch_id}_{NOW:.0f}"
    assert api.http.get(f"/api/task/{ids[1]}/deliveries").json()["state"] == "PENDING"


def test_a_task_without_a_webhook_has_nothing_to_deliver(api: Api) -> None:
    task_id = api.submit(ingredients_joined="milk")
    api.store.finish(task_id, CANCELLED)
    assert problem_of(api.http.post(f"/api/task/{task_id}/redeliver")) == "nothing-to-deliver"


def test_a_task_that_has_not_ended_has_nothing_to_deliver(api: Api) -> None:
    [task_id] = submit(api, {})
    assert problem_of(api.http.post(f"/api/task/{task_id}/redeliver")) == "nothing-to-deliver"
    assert api.webhooks.deliveries == {}


def test_a_delivery_that_changes_meanwhile_is_unavailable(api: Api) -> None:
    """Repeating the request is safe."""
    [task_id] = submit(api, {})
    api.store.finish(task_id, CANCELLED)
    delivery = delivery_of(api.store.rows[task_id])
    api.webhooks.create_delivery(delivery.after(1, Attempt(NOW, Reply(200))))
    api.webhooks.is_contended = True
    assert problem_of(api.http.post(f"/api/task/{task_id}/redeliver")) == "unavailable"


def test_the_openapi_document_describes_deliveries(api: Api) -> None:
    """Every schema that it refers to is in the document."""
    openapi = api.http.get("/openapi.json").json()
    delivery = openapi["webhooks"]["delivery"]["post"]
    headers = {each["name"] for each in delivery["parameters"]}
    assert headers > {"webhook-id", "webhook-timestamp", "webhook-signature"}
    bodies = delivery["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    names = {body["$ref"].rpartition("/")[2] for body in bodies}
    assert names == {"TaskResult", "BatchResult", "ResultLink"}
    assert names | {"Status"} <= openapi["components"]["schemas"].keys()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/api/process?webhook={URL}"),
        ("GET", "/api/webhooks/secret"),
        ("POST", "/api/webhooks/secret"),
        ("GET", "/api/task/any/deliveries"),
        ("POST", "/api/task/any/redeliver"),
    ],
)
def test_a_deployment_without_webhooks_says_who_can_change_that(method: str, path: str) -> None:
    """Nothing is accepted that would never be delivered."""
    api = Api(has_webhooks=False)
    response = api.http.request(method, path)
    assert (response.status_code, problem_of(response)) == (404, "webhooks-off")
    assert "Webhooks=true" in response.json()["detail"]
    assert api.is_untouched()
    assert api.webhooks.secrets == {}


def test_a_deployment_without_webhooks_retries_no_task_that_has_one() -> None:
    """It was submitted before the operator turned webhooks off; nothing would deliver it."""
    api = Api(has_webhooks=False)
    with_webhook, other = api.submit(), api.submit()
    api.store.rows[with_webhook] = replace(api.store.rows[with_webhook], webhook=URL)
    for task_id in (with_webhook, other):
        api.store.finish(task_id, CANCELLED)
    response = api.http.post(f"/api/task/{with_webhook}/retry")
    assert (response.status_code, problem_of(response)) == (404, "webhooks-off")
    assert "submit its input without" in response.json()["detail"]
    assert len(api.store.rows) == 2
    assert api.http.post(f"/api/task/{other}/retry").status_code == 202
