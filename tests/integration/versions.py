"""Answers the deployment check's calls to Lambda and CodeDeploy, for which moto needs Docker."""

from __future__ import annotations

import io
import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3

from infra.local.event_source import LocalContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMEOUT: Final = 15.0  # seconds
# AWS names the execution of a hook in this way.
EVENT: Final = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}


class _Success:
    """The HTTP response of an answered call."""

    status_code = 200


def version_arn(function: str) -> str:
    """Return the ARN of a version of a function."""
    return f"arn:aws:lambda:us-east-1:123456789012:function:{function}:1"


@contextmanager
def answered(handler: Callable[[str], Any]) -> Iterator[list[str]]:
    """Answer the calls of the clients that are created in this context.

    An invocation calls the function's handler here. Yields the verdicts that CodeDeploy receives.
    """
    verdicts: list[str] = []

    def invoke(params: dict[str, Any], **_: Any) -> Any:
        function = params["url_path"].split("%3A")[6]
        context = LocalContext(function, time.monotonic() + TIMEOUT)
        found = handler(function)(json.loads(params["body"]), context)
        return _Success, {"Payload": io.BytesIO(json.dumps(found).encode())}

    def report(params: dict[str, Any], **_: Any) -> Any:
        verdicts.append(json.loads(params["body"])["status"])
        return _Success, {}

    assert boto3.DEFAULT_SESSION is not None
    events = boto3.DEFAULT_SESSION.events
    answers = {"before-call.lambda.Invoke": invoke, "before-call.codedeploy": report}
    for name, answer in answers.items():
        events.register(name, answer)
    yield verdicts
    for name, answer in answers.items():
        events.unregister(name, answer)
