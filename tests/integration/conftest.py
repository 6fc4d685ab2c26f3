"""The template's queues and table in an emulator, with the real handlers of the functions."""

from __future__ import annotations

import importlib
import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.api import dependencies as api_dependencies
from functions.reaper import dependencies as reaper_dependencies
from functions.worker import dependencies as worker_dependencies
from infra.local.deployment import Function, delete, deploy
from infra.local.event_source import EventSource
from infra.local.template import read_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Emulator


def load_handler(function: Function) -> Any:
    """Return the function's real handler, as the template names it."""
    module, _, name = function.handler.rpartition(".")
    return getattr(importlib.import_module(module), name)


@dataclass
class Answer:
    """What API Gateway would pass on to the caller."""

    status: int
    headers: dict[str, str]
    body: Any


class Deployment:
    """The functions of the template, called with the events that AWS would send."""

    def __init__(self, functions: dict[str, Function], emulator: Emulator) -> None:
        self.functions = functions
        self.sqs = emulator.client("sqs")

    def http(
        self, method: str, target: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Call the API's handler with the event of a REST API's proxy integration."""
        url = urlsplit(target)
        headers = {"Host": "gateway", **(headers or {})}
        if body is not None:
            headers["Content-Type"] = "application/json"
        event = {
            "resource": "/api/{proxy+}",
            "path": url.path,
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "multiValueQueryStringParameters": parse_qs(url.query) or None,
            "requestContext": {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}},
            "body": None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        answer = load_handler(self.functions["ApiFunction"])(event, None)
        assert answer["isBase64Encoded"] is False
        return Answer(answer["statusCode"], answer["headers"], json.loads(answer["body"]))

    def source(
        self, function: str, index: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> EventSource:
        """Return an event source of a function, with its real handler."""
        found = self.functions[function]
        return EventSource(
            self.sqs,
            found.event_sources[index],
            load_handler(found),
            function_name=function,
            timeout=found.timeout,
            clock=clock,
        )

    def receive(self, queue: str) -> list[dict[str, Any]]:
        """Receive up to ten messages of a queue, by its logical id."""
        url = self._url(queue)
        answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        received: list[dict[str, Any]] = answer.get("Messages", [])
        return received

    def send(self, queue: str, body: str) -> None:
        """Put a message in a queue."""
        self.sqs.send_message(QueueUrl=self._url(queue), MessageBody=body)

    def delete(self, queue: str, message: dict[str, Any]) -> None:
        """Delete a message that was received."""
        self.sqs.delete_message(QueueUrl=self._url(queue), ReceiptHandle=message["ReceiptHandle"])

    def exhaust(self, queue: str, receive: Callable[[], object]) -> None:
        """Let a queue's messages be received, with no visibility timeout, until it has none."""
        url = self._url(queue)
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
        for _ in range(40):
            if not receive():
                return
        raise AssertionError(f"{queue} is not empty after 40 receives.")

    def _url(self, queue: str) -> str:
        url: str = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        return url

    def result(self, task: dict[str, str], **headers: str) -> Answer:
        """Fetch a task's result."""
        return self.http("GET", task["url_result"], headers=headers)


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> Iterator[Deployment]:
    """Deploy the template to the emulator and point the functions at it."""
    caches = (
        api_dependencies.services,
        worker_dependencies.worker,
        reaper_dependencies.reaper,
    )
    with deployed(emulator) as functions:
        for function in functions.values():
            for name, value in function.environment.items():
                monkeypatch.setenv(name, value)
        for cache in caches:
            cache.cache_clear()
        yield Deployment(functions, emulator)
        for cache in caches:
            cache.cache_clear()


@contextmanager
def deployed(emulator: Emulator) -> Iterator[dict[str, Function]]:
    """Create the stack, and the table beside it where CloudFormation here cannot; delete both."""
    template = read_template()
    cloudformation = emulator.client("cloudformation")
    dynamodb = emulator.client("dynamodb")
    table = None
    if not emulator.has_dynamodb_in_cloudformation:
        table = template["Resources"].pop("TaskTable")["Properties"]
        template["Globals"]["Function"]["Environment"]["Variables"]["TABLE_NAME"] = "TaskTable"
        keys = ("AttributeDefinitions", "KeySchema", "BillingMode")
        dynamodb.create_table(TableName="TaskTable", **{key: table[key] for key in keys})
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    yield deploy(cloudformation, template=template, parameters={"EndpointUrl": endpoint})
    delete(cloudformation, emulator.client("s3"))
    if table is not None:
        dynamodb.delete_table(TableName="TaskTable")
