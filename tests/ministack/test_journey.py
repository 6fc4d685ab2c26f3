"""Whole journeys through the deployed template: gateway, functions, event sources and IAM."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import httpx2
import pytest

from tests.integration.receiver import receiver
from tests.ministack.stack import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ministack.conftest import Service

DRINK = {"ingredients": ["milk", "strawberry"]}
PROCESSING = 202
THROTTLED = 429


def finished(service: Service, task: dict[str, str]) -> dict[str, Any]:
    """Poll the result of a task until it is final."""
    answer = wait_for(
        lambda: service.caller.get(task["url_result"], params={"wait": 1}),
        lambda found: found.status_code not in (PROCESSING, THROTTLED),
        task["task_id"],
    )
    result: dict[str, Any] = answer.json()
    return result


def submitted(service: Service, body: Any) -> list[dict[str, str]]:
    answer = service.caller.post("/api/process", json=body)
    assert answer.status_code == PROCESSING, answer.text
    tasks: list[dict[str, str]] = answer.json()
    return tasks


@contextmanager
def without_workers(service: Service) -> Iterator[None]:
    """Switch the event source of the interactive queue off for a while, as an operator can."""
    client: Any = boto3.client("lambda")
    mapping = service.resources["WorkerFunctionInteractive"]
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=mapping, Enabled=True)


def test_a_drink_gets_its_suggestion(service: Service) -> None:
    """It is submitted, its status is polled, and the worker's answer arrives."""
    [task] = submitted(service, DRINK)
    assert service.caller.get(f"/api/status/{task['task_id']}").status_code == 200
    result = finished(service, task)
    assert result["status"] == "SUCCESS"
    assert result["result"] not in ("", "milk", "strawberry")


def test_a_request_waits_for_its_result(service: Service) -> None:
    """The worker answers while the request is open."""
    finished(service, submitted(service, DRINK)[0])  # so that a worker has started
    answer = service.caller.post("/api/process", json=DRINK, headers={"Prefer": "wait=20"})
    assert (answer.status_code, answer.json()[0]["status"]) == (200, "SUCCESS")


def test_both_lanes_answer_an_array(service: Service) -> None:
    tasks = submitted(service, [{**DRINK, "priority": lane} for lane in ("interactive", "bulk")])
    assert [finished(service, task)["status"] for task in tasks] == ["SUCCESS", "SUCCESS"]


def test_a_document_is_answered(service: Service) -> None:
    """Its links are signed with the role of the API function, and the storage checks them."""
    content = b"milk;strawberry\nwater\n"
    made = service.caller.post(
        "/api/documents", json={"bytes": len(content), "format": "text"}
    ).json()
    httpx2.put(made["upload"]["url"], content=content).raise_for_status()
    document = finished(service, submitted(service, {"document": made["document"]})[0])["document"]
    assert (document["lines"], document["answered"]) == (2, 2)
    answers = httpx2.get(document["url"]).text.splitlines()
    assert [json.loads(line)["line"] for line in answers] == [1, 2]


def test_a_cancelled_task_stays_cancelled(service: Service) -> None:
    """A worker that receives its message later changes nothing."""
    with without_workers(service):
        cancelled, other = submitted(service, [DRINK, DRINK])
        answer = service.caller.delete(f"/api/task/{cancelled['task_id']}")
        assert answer.status_code == 200, answer.text
    assert finished(service, other)["status"] == "SUCCESS"
    assert finished(service, cancelled)["status"] == "CANCELLED"


def test_a_task_that_no_worker_finishes_fails_through_the_dead_letter_queue(
    service: Service,
) -> None:
    """SQS moves a message that was received too often, and the reaper ends its task."""
    sqs: Any = boto3.client("sqs")
    queue = service.outputs["TaskQueueUrl"]
    with without_workers(service):
        [task] = submitted(service, DRINK)
        wait_for(
            lambda: sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, WaitTimeSeconds=0),
            lambda received: not received.get("Messages"),
            "messages of the queue",
        )
        assert finished(service, task)["error"]["type"] == "worker-lost"


def test_a_result_is_delivered_to_a_webhook(service: Service) -> None:
    """Its task's end is a record of the table's stream, which invokes the function."""
    if service.runs_in_containers:
        pytest.skip("a container cannot reach a receiver on this machine's loopback interface")
    [secret] = service.caller.get("/api/webhooks/secret").json()["secrets"]
    with receiver() as found:
        answer = service.caller.post("/api/process", params={"webhook": found.url}, json=DRINK)
        [task] = answer.json()
        wait_for(lambda: found.delivered, bool, "a delivery")
        [delivered] = found.delivered[:1]
    assert delivered.webhook_id == task["task_id"]
    assert delivered.is_signed_with(secret)
    assert json.loads(delivered.body) == finished(service, task)


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/api/health"])
def test_open_routes_need_no_key(service: Service, path: str) -> None:
    assert service.anonymous.get(path).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "another"}])
def test_calls_need_the_key_of_the_deployment(service: Service, headers: dict[str, str]) -> None:
    assert service.anonymous.post("/api/process", headers=headers).status_code == 403


def test_another_key_cannot_see_a_task(service: Service) -> None:
    """The gateway tells the function whose key it is."""
    gateway: Any = boto3.client("apigateway")
    key = gateway.create_api_key(name="another", enabled=True)["id"]
    plan = service.resources["UsagePlan"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyType="API_KEY", keyId=key)
    [task] = submitted(service, DRINK)
    with service.caller_with(key) as other:
        assert other.get(task["url_result"]).status_code == 404
    assert finished(service, task)["status"] == "SUCCESS"
