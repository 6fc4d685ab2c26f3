"""A task from end to end under moto: API event → queue → worker's handler → row → result."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from functions.deployment_check.check import CheckFailed, DeploymentCheck
from tasks.aws.ports import create_store
from tests.conftest import mocked_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "TABLE_NAME": "tasks",
    "DOCUMENT_BUCKET": "documents",
    "RETENTION_SECONDS": "86400",
    "DEADLINE_SECONDS": "900",
    "LONGEST_WAIT_SECONDS": "20",
    "LANES": "interactive,bulk",
}
QUEUES = ("TASK_QUEUE", "BULK_QUEUE", "DOCUMENT_QUEUE", "WEBHOOK_QUEUE")
TABLE: Any = {
    "TableName": "tasks",
    "KeySchema": [{"AttributeName": "task_id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "task_id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class BrokenSuggester:
    """A model that fails on every drink."""

    version = "broken"

    def answer(self, _: object) -> Any:
        raise RuntimeError("no drink has an answer")


class Context:
    """The part of Lambda's context that the worker uses."""

    def get_remaining_time_in_millis(self) -> int:
        return 15_000


def load_handler(module: str) -> Any:
    """Import a handler, which bootstraps its function from the environment."""
    sys.modules.pop(module, None)
    return importlib.import_module(module).handler


def gateway_event(method: str, path: str, body: Any = None) -> dict[str, Any]:
    """Return the event of an API Gateway proxy integration."""
    headers = {"Host": "gateway", "Content-Type": "application/json"}
    return {
        "resource": "/api/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}},
        "body": body and json.dumps(body),
    }


@pytest.fixture(autouse=True)
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the environment of the functions, and run AWS in this process."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    with mocked_aws():
        yield


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, moto: None) -> None:  # noqa: ARG001 - comes first
    """Create the table and the queues."""
    sqs = boto3.client("sqs")
    boto3.client("dynamodb").create_table(**TABLE)
    for name in QUEUES:
        monkeypatch.setenv(f"{name}_URL", sqs.create_queue(QueueName=name)["QueueUrl"])


@pytest.mark.usefixtures("deployed")
def test_a_drink_gets_a_suggestion() -> None:
    """A caller submits milk and strawberry, the worker answers, and the caller fetches sugar."""
    sqs, dynamodb = boto3.client("sqs"), boto3.client("dynamodb")
    api = load_handler("functions.api.handler")
    worker = load_handler("functions.worker.handler")

    drink = {"ingredients": ["milk", "strawberry"]}
    submitted = api(gateway_event("POST", "/api/process", drink), None)
    [task] = json.loads(submitted["body"])
    assert (submitted["statusCode"], task["status"]) == (202, "PROCESSING")

    url = sqs.get_queue_url(QueueName="TASK_QUEUE")["QueueUrl"]
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:TASK_QUEUE",
    }
    assert worker({"Records": [record]}, Context()) == {"batchItemFailures": []}

    row = dynamodb.get_item(TableName="tasks", Key={"task_id": {"S": task["task_id"]}})["Item"]
    assert row["status"] == {"S": "SUCCESS"}
    fetched = api(gateway_event("GET", task["url_result"]), None)
    assert (fetched["statusCode"], json.loads(fetched["body"])["result"]) == (200, "sugar")


def deployment_check(api: Any, worker: Any) -> DeploymentCheck:
    """Return the check of two handlers."""
    versions = {"api": api, "worker": worker}
    return DeploymentCheck(
        invoke=lambda version, event: versions[version](event, Context()),
        store=create_store("tasks"),
        clock=time.time,
        api="api",
        worker="worker",
        queue="arn:aws:sqs:us-east-1:123456789012:TASK_QUEUE",
    )


@pytest.mark.usefixtures("deployed")
def test_the_deployment_check_accepts_these_handlers() -> None:
    api, worker = (load_handler(f"functions.{name}.handler") for name in ("api", "worker"))
    deployment_check(api, worker).run()


@pytest.mark.usefixtures("deployed")
def test_the_deployment_check_refuses_a_worker_whose_model_fails() -> None:
    """Such a worker raises no error: it fails each task and acknowledges its message."""
    worker = importlib.import_module("functions.worker.bootstrap").bootstrap(
        os.environ, suggester=BrokenSuggester()
    )

    def handler(event: Any, _: Any) -> dict[str, Any]:
        return {"batchItemFailures": worker.run(event, lambda: 15.0)}

    with pytest.raises(CheckFailed, match="FAIL, not SUCCESS"):
        deployment_check(load_handler("functions.api.handler"), handler).run()


@pytest.mark.parametrize("function", ["api", "worker", "reaper"])
@pytest.mark.parametrize("event", [{"source": "aws.events"}, {"warmer": True}, {"key1": "value1"}])
def test_an_event_of_another_source_does_nothing(
    monkeypatch: pytest.MonkeyPatch, function: str, event: dict[str, Any]
) -> None:
    """A function that a schedule keeps warm raises no alarm; there is no table and no queue."""
    for name in QUEUES:
        monkeypatch.setenv(f"{name}_URL", f"https://sqs.us-east-1.amazonaws.com/1/{name}")
    handler = load_handler(f"functions.{function}.handler")
    response = handler(event, Context())
    assert response.get("batchItemFailures", []) == []
    assert "statusCode" not in response
