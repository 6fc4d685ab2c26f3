"""The template deployed to an emulator, with the real handlers of the functions."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.emulated.deployment import delete, deploy, separate_table
from infra.emulated.sqs_source import SqsSource
from infra.local.event_source import EventSource, LocalContext
from infra.local.functions import load_handler
from infra.local.template import read_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from infra.local.definitions import Function
    from tests.conftest import Emulator


@dataclass
class Response:
    """The response that API Gateway would return to the caller."""

    status: int
    headers: dict[str, str]
    body: Any


class Deployment:
    """The functions of the template, and ways to invoke them as AWS does."""

    def __init__(self, functions: dict[str, Function], emulator: Emulator) -> None:
        self.functions = functions
        self.sqs = emulator.client("sqs")
        self.s3 = emulator.client("s3")
        self.dynamodb = emulator.client("dynamodb")
        self._handlers: dict[str, Any] = {}

    def handler(self, function: str) -> Any:
        """Return the handler of a function, bootstrapped on its first use."""
        if function not in self._handlers:
            self._handlers[function] = load_handler(self.functions[function])
        return self._handlers[function]

    def http(
        self, method: str, target: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Response:
        """Invoke the handler of the API with the event of a REST API's proxy integration."""
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
        response = self.handler("ApiFunction")(event, None)
        assert response["isBase64Encoded"] is False
        return Response(response["statusCode"], response["headers"], json.loads(response["body"]))

    def source(
        self, function: str, index: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> EventSource:
        """Return an event source of a function, with the function's real handler."""
        found = self.functions[function]
        mapping = found.event_sources[index]
        return EventSource(
            SqsSource(self.sqs, mapping.queue_name),
            mapping,
            self.handler(function),
            function_name=function,
            timeout=found.timeout,
            clock=clock,
        )

    def stream(self, *task_ids: str) -> Any:
        """Invoke the function of webhooks with the stream's records of the ends of tasks.

        Not all emulators have streams.
        """
        function = self.functions["WebhookFunction"]
        records = []
        for number, task_id in enumerate(task_ids):
            found = self.dynamodb.get_item(
                TableName=function.environment["TABLE_NAME"],
                Key={"task_id": {"S": task_id}},
                ConsistentRead=True,
            )
            change = {"NewImage": found["Item"], "SequenceNumber": str(number)}
            records.append({"eventSource": "aws:dynamodb", "dynamodb": change})
        context = LocalContext(function.name, time.monotonic() + function.timeout)
        return self.handler(function.name)({"Records": records}, context)

    def receive(self, queue: str) -> list[dict[str, Any]]:
        """Receive up to ten messages from a queue, given its logical id."""
        url = self._url(queue)
        response = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        received: list[dict[str, Any]] = response.get("Messages", [])
        return received

    def send(self, queue: str, body: str) -> None:
        """Send a message to a queue."""
        self.sqs.send_message(QueueUrl=self._url(queue), MessageBody=body)

    def delete(self, queue: str, message: dict[str, Any]) -> None:
        """Delete a received message."""
        self.sqs.delete_message(QueueUrl=self._url(queue), ReceiptHandle=message["ReceiptHandle"])

    def exhaust_receives(self, queue: str, receive: Callable[[], object]) -> None:
        """Receive from a queue without a visibility timeout until no message is left."""
        url = self._url(queue)
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
        for _ in range(40):
            if not receive():
                return
        raise AssertionError(f"{queue} still has messages after 40 receives.")

    def _url(self, queue: str) -> str:
        url: str = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        return url

    def result(self, task: dict[str, str], **headers: str) -> Response:
        """Fetch the result of a task."""
        return self.http("GET", task["url_result"], headers=headers)


@pytest.fixture
def deployment(emulator: Emulator) -> Iterator[Deployment]:
    """Deploy the template to the emulator."""
    with deployed(emulator) as functions:
        yield Deployment(functions, emulator)


@contextmanager
def deployed(
    emulator: Emulator, parameters: Mapping[str, str] | None = None
) -> Iterator[dict[str, Function]]:
    """Deploy the template and delete it afterwards.

    The table is created outside the stack if the emulator requires that.
    """
    with ExitStack() as running:
        template = read_template()
        if not emulator.has_dynamodb_in_cloudformation:
            dynamodb = emulator.client("dynamodb")
            template = running.enter_context(separate_table(dynamodb, template))
        cloudformation = emulator.client("cloudformation")
        endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
        values = {"EndpointUrl": endpoint, "TaskList": "true", **(parameters or {})}
        yield deploy(cloudformation, template=template, parameters=values)
        delete(cloudformation, emulator.client("s3"))
