"""The template's queues and table in moto, with the real handlers of the functions."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from moto import mock_aws

from functions.api import dependencies as api_dependencies
from functions.reaper import dependencies as reaper_dependencies
from functions.worker import dependencies as worker_dependencies
from infra.local.deployment import Function, deploy
from infra.local.event_source import EventSource

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 100  # polls until a condition must hold


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

    def __init__(self, functions: dict[str, Function]) -> None:
        self.functions = functions
        self.sqs = boto3.client("sqs")
        self.dynamodb = boto3.client("dynamodb")
        self.table = functions["ApiFunction"].environment["TABLE_NAME"]
        self.queue_url = functions["ApiFunction"].environment["TASK_QUEUE_URL"]

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

    def source(self, function: str, index: int = 0) -> EventSource:
        """Return an event source of a function, with its real handler."""
        found = self.functions[function]
        return EventSource(
            self.sqs,
            found.event_sources[index],
            load_handler(found),
            function_name=function,
            timeout=found.timeout,
        )

    def result(self, task: dict[str, str], **headers: str) -> Answer:
        """Fetch a task's result."""
        return self.http("GET", task["url_result"], headers=headers)


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Deploy the template to moto and point the functions at it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    caches = (
        api_dependencies.services,
        worker_dependencies.worker,
        reaper_dependencies.reaper,
    )
    with mock_aws():
        functions = deploy(boto3.client("cloudformation"))
        for function in functions.values():
            for name, value in function.environment.items():
                monkeypatch.setenv(name, value)
        for cache in caches:
            cache.cache_clear()
        yield Deployment(functions)
        for cache in caches:
            cache.cache_clear()
