"""AWS without a socket: clients are made and requests signed, and each gets an answer from here.

With the environment, the events and the context that Lambda would give the functions. It runs in
processes whose start is measured, in containers too, so it imports next to nothing.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

QUEUES: Final = "https://sqs.us-east-1.amazonaws.com/123456789012"
ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "stub",
    "AWS_SECRET_ACCESS_KEY": "stub",
    "AWS_SESSION_TOKEN": "stub",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "benchmark",  # logs and metrics as on Lambda
    "TABLE_NAME": "TaskTable",
    "TASK_QUEUE_URL": f"{QUEUES}/TaskQueue",
    "BULK_QUEUE_URL": f"{QUEUES}/BulkQueue",
    "DEADLINE_SECONDS": "900",
    "DOCUMENT_QUEUE_URL": f"{QUEUES}/DocumentQueue",
    "DOCUMENT_BUCKET": "documentbucket",
    "RETENTION_SECONDS": "604800",
    "LONGEST_WAIT_SECONDS": "20",
    "MODEL_ENGINE": "litert",
}

sent: list[bytes] = []  # the bodies of the requests that were answered here


LENGTH: Final = {
    "ApproximateNumberOfMessages": "1",
    "ApproximateNumberOfMessagesNotVisible": "0",
    "ApproximateNumberOfMessagesDelayed": "0",
}


class _Raw:
    """The part of urllib3's response that botocore reads."""

    def __init__(self, body: dict[str, Any]) -> None:
        self._body = body

    def stream(self, *_arguments: object, **_options: object) -> Iterator[bytes]:
        yield json.dumps(self._body).encode()


def _answer(request: AWSPreparedRequest, **_event: object) -> AWSResponse:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - loaded by whoever calls this

    body = request.body or b""
    sent.append(body if isinstance(body, bytes) else str(body).encode())
    headers = {"content-type": "application/x-amz-json-1.0"}
    asks_length = b"GetQueueAttributes" in request.headers.get("X-Amz-Target", b"")
    raw = _Raw({"Attributes": LENGTH} if asks_length else {})
    return AWSResponse(request.url, 200, headers, raw)  # type: ignore[arg-type]


def install(**hooks: Any) -> None:
    """Answer what any client of this process sends from now on; `hooks` adds handlers by event."""
    from botocore.handlers import BUILTIN_HANDLERS  # noqa: PLC0415 - the process pays for it anyway

    added = {"before-send": _answer, **hooks}
    BUILTIN_HANDLERS.extend(added.items())


class Context:
    """Lambda's context object, with all the time in the world."""

    function_name = "benchmark"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:benchmark"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Return milliseconds."""
        return 15_000


def worker_event(drinks: Iterable[list[str]]) -> dict[str, Any]:
    """Return the SQS event of one task for each drink."""
    return {"Records": [_record(drink) for drink in drinks]}


def _record(ingredients: list[str]) -> dict[str, Any]:
    from tasks.ids import new_task_id  # noqa: PLC0415 - the worker pays for it anyway

    task = new_task_id(time.time())
    message = {
        "version": 1,
        "task_id": task,
        "owner": "0" * 32,
        "input": {"ingredients": ingredients},
        "deadline": time.time() + 900,
    }
    return {
        "messageId": task,
        "receiptHandle": task,
        "body": json.dumps(message),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:TaskQueue",
    }


def api_event() -> dict[str, Any]:
    """Return the event of API Gateway for a drink that is submitted as JSON."""
    headers = {"Host": "gateway", "Content-Type": "application/json", "x-api-key": "stub"}
    return {
        "resource": "/api/{proxy+}",
        "path": "/api/process",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": None,
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}},
        "body": json.dumps({"ingredients": ["milk", "strawberry"]}),
        "isBase64Encoded": False,
    }


def event_for(function: str) -> dict[str, Any]:
    """Return the first event that a function gets."""
    return api_event() if function == "api" else worker_event([["milk", "strawberry"]])


def is_right(function: str, answer: dict[str, Any]) -> bool:
    """Say whether a function did with its first event what it is there for."""
    if function == "api":
        return bool(answer.get("statusCode") == 202)  # noqa: PLR2004
    return answer == {"batchItemFailures": []}


def resident_bytes() -> int:
    """Return the memory of this process that is in RAM, as Linux counts it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
