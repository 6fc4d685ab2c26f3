"""A stub of AWS without sockets: clients sign real requests, and each gets a response from here.

The module also has the environment, the events and the context that Lambda would provide. The
measured processes and containers import it, so it imports very little.
"""

from __future__ import annotations

import importlib
import json
import time
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
    "AWS_LAMBDA_FUNCTION_NAME": "benchmark",  # enables logs and metrics as on Lambda
    "TABLE_NAME": "TaskTable",
    "LANES": "interactive,bulk",
    "TASK_QUEUE_URL": f"{QUEUES}/TaskQueue",
    "BULK_QUEUE_URL": f"{QUEUES}/BulkQueue",
    "DEADLINE_SECONDS": "900",
    "DOCUMENT_QUEUE_URL": f"{QUEUES}/DocumentQueue",
    "WEBHOOK_QUEUE_URL": f"{QUEUES}/WebhookQueue",
    "DOCUMENT_BUCKET": "documentbucket",
    "RETENTION_SECONDS": "604800",
    "LONGEST_WAIT_SECONDS": "20",
    "MODEL_ENGINE": "litert",
}
API_KEY: Final = "stub"
QUEUE_ATTRIBUTES: Final = {
    "ApproximateNumberOfMessages": "1",
    "ApproximateNumberOfMessagesNotVisible": "0",
    "ApproximateNumberOfMessagesDelayed": "0",
}

request_bodies: list[bytes] = []  # of all requests since the stub was installed
# The bodies of the responses by operation; every other operation gets an empty object.
responses: dict[str, dict[str, Any]] = {"GetQueueAttributes": {"Attributes": QUEUE_ATTRIBUTES}}


class _RawResponse:
    """The part of urllib3's response that botocore reads."""

    def __init__(self, body: dict[str, Any]) -> None:
        self._body = body

    def stream(self, *_arguments: object, **_options: object) -> Iterator[bytes]:
        yield json.dumps(self._body).encode()


def _respond(request: AWSPreparedRequest, **_event: object) -> AWSResponse:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - botocore calls this function

    body = request.body or b""
    request_bodies.append(body if isinstance(body, bytes) else str(body).encode())
    headers = {"content-type": "application/x-amz-json-1.0"}
    target: Any = request.headers.get("X-Amz-Target", b"")
    operation = (target if isinstance(target, str) else target.decode()).rpartition(".")[2]
    raw = _RawResponse(responses.get(operation, {}))
    return AWSResponse(request.url, 200, headers, raw)  # type: ignore[arg-type]


def load_handler(function: str, **hooks: Any) -> Any:
    """Import the handler of a function whose AWS clients all use the stub.

    Args:
        function: `api` or `worker`.
        hooks: additional botocore handlers by event name.
    """
    from botocore.handlers import BUILTIN_HANDLERS  # noqa: PLC0415 - the function imports it too

    BUILTIN_HANDLERS.extend({"before-send": _respond, **hooks}.items())
    return importlib.import_module(f"functions.{function}.handler").handler


class Context:
    """Lambda's context object, with the same time left on every call."""

    function_name = "benchmark"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:benchmark"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time in milliseconds."""
        return 15_000


def worker_event(drinks: Iterable[list[str]]) -> dict[str, Any]:
    """Return the SQS event with one task for each drink, given as a list of ingredients."""
    return {"Records": [_task_record(ingredients) for ingredients in drinks]}


def _task_record(ingredients: list[str]) -> dict[str, Any]:
    from tasks.ids import new_task_id  # noqa: PLC0415 - the worker imports it too

    task_id = new_task_id(time.time())
    message = {
        "version": 1,
        "task_id": task_id,
        "owner": "0" * 32,
        "input": {"ingredients": ingredients},
        "deadline": time.time() + 900,
    }
    return sqs_record(task_id, task_id, json.dumps(message), "TaskQueue")


def sqs_record(message_id: str, receipt_handle: str, body: str, queue: str) -> dict[str, Any]:
    """Return the record of a message that is received for the first time."""
    return {
        "messageId": message_id,
        "receiptHandle": receipt_handle,
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{queue}",
    }


def api_event(method: str = "POST", path: str = "/api/process", body: Any = None) -> dict[str, Any]:
    """Return API Gateway's event for a request; by default, the submission of one drink."""
    if method == "POST" and body is None:
        body = {"ingredients": ["milk", "strawberry"]}
    headers = {"Host": "gateway", "Content-Type": "application/json", "x-api-key": API_KEY}
    return {
        "resource": "/api/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": None,
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def first_event(function: str) -> dict[str, Any]:
    """Return the first event of a function."""
    return api_event() if function == "api" else worker_event([["milk", "strawberry"]])


def check_response(function: str, response: dict[str, Any]) -> None:
    """Check that a function processed its event successfully.

    Raises:
        RuntimeError: it did not.
    """
    is_success = (
        response.get("statusCode") == 202  # noqa: PLR2004
        if function == "api"
        else response == {"batchItemFailures": []}
    )
    if not is_success:
        raise RuntimeError(f"The {function} function returned {response}.")
