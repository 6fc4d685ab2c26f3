"""Builds the hook, when the handler's module is imported."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from functions.deployment_check.check import CheckFailed, DeploymentCheck
from functions.deployment_check.hook import Hook
from tasks.aws.ports import create_store
from tasks.aws.telemetry import silence_botocore
from tasks.environment import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasks.task import JsonObject

READ_TIMEOUT: Final = 50  # seconds: the API may start for 10 s and work for 29 s


def bootstrap(environ: Mapping[str, str]) -> Hook:
    """Build the hook for its environment.

    Raises:
        SettingsInvalid: a variable is missing.
    """
    silence_botocore()
    check = DeploymentCheck(
        invoke=invoke_with(boto3.client("lambda", config=_config())),
        store=create_store(read_text(environ, "TABLE_NAME")),
        clock=time.time,
        api=read_text(environ, "API_VERSION"),
        worker=read_text(environ, "WORKER_VERSION"),
        queue=read_text(environ, "TASK_QUEUE_ARN"),
    )
    return Hook(check.run, report_with(boto3.client("codedeploy", config=_config())))


def _config() -> Config:
    return Config(read_timeout=READ_TIMEOUT, retries={"mode": "standard"})


def invoke_with(client: Any) -> Callable[[str, JsonObject], Any]:
    """Return a function that invokes a version of a function and returns its response."""

    def invoke(version: str, event: JsonObject) -> Any:
        response = client.invoke(FunctionName=version, Payload=json.dumps(event).encode())
        payload = json.loads(response["Payload"].read())
        if "FunctionError" in response:
            raise CheckFailed(f"{version} raised {payload.get('errorType')}.")
        return payload

    return invoke


def report_with(client: Any) -> Callable[[Mapping[str, str], str], None]:
    """Return a function that tells CodeDeploy the status of the deployment in the hook's event."""

    def report(event: Mapping[str, str], status: str) -> None:
        client.put_lifecycle_event_hook_execution_status(
            deploymentId=event["DeploymentId"],
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status=status,
        )

    return report
