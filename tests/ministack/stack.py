"""A stack of CloudFormation, and what can be seen of it from outside."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.local.template import JsonObject
    from tests.ministack.packages import Artifacts

T = TypeVar("T")
LIMIT: Final = 300.0  # seconds; more than a message stays invisible after a failure
POLL_INTERVAL: Final = 0.1  # seconds
CAPABILITIES: Final = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


def wait_for(read: Callable[[], T], until: Callable[[T], object], what: str) -> T:
    """Read a value until it satisfies the condition, and return it."""
    end = time.monotonic() + LIMIT
    while not until(value := read()):
        assert time.monotonic() < end, f"{what}: after {LIMIT:.0f} s still {value!r}"
        time.sleep(POLL_INTERVAL)
    return value


@dataclass(frozen=True)
class Snapshot:
    """A stack at one time: its status, its resources, and its functions behind the alias."""

    status: str
    resources: dict[str, str]  # physical ids by logical id
    variables: dict[str, dict[str, str]]  # of functions with an alias, by logical id
    failures: tuple[str, ...]  # the reasons of all events so far that are failures


class Stack:
    """A stack at MiniStack."""

    def __init__(self, name: str, artifacts: Artifacts) -> None:
        self.name = name
        self._artifacts = artifacts
        self._cloudformation: Any = boto3.client("cloudformation")
        self._lambda: Any = boto3.client("lambda")
        self._id = ""

    def deploy(self, template: JsonObject, parameters: Mapping[str, str]) -> Snapshot:
        """Create or update the stack, and return the result."""
        change = (
            self._cloudformation.update_stack if self._id else self._cloudformation.create_stack
        )
        self._id = change(
            StackName=self.name,
            TemplateURL=self._artifacts.url(f"{self.name}.json", json.dumps(template)),
            Capabilities=CAPABILITIES,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
        )["StackId"]
        return self._wait()

    def status_of(self, template: JsonObject) -> str:
        """Deploy a template without parameters; return the stack's status or the error's code."""
        try:
            return self.deploy(template, {}).status
        except ClientError as error:
            return error.response["Error"]["Code"]

    def delete(self) -> Snapshot:
        """Delete the stack, and return the result."""
        self._cloudformation.delete_stack(StackName=self.name)
        return self._wait()

    def outputs(self) -> dict[str, str]:
        return {item["OutputKey"]: item["OutputValue"] for item in self._describe()["Outputs"]}

    def resources(self) -> dict[str, str]:
        """Return the physical ids of the resources by logical id."""
        found = self._cloudformation.describe_stack_resources(StackName=self._id)
        return {
            item["LogicalResourceId"]: item["PhysicalResourceId"]
            for item in found["StackResources"]
            if item["ResourceStatus"] != "DELETE_COMPLETE"
        }

    def _describe(self) -> dict[str, Any]:
        stack: dict[str, Any]
        stack = self._cloudformation.describe_stacks(StackName=self._id)["Stacks"][0]
        return stack

    def _wait(self) -> Snapshot:
        status = wait_for(
            lambda: str(self._describe()["StackStatus"]),
            lambda found: not found.endswith("IN_PROGRESS"),
            self.name,
        )
        events = self._cloudformation.describe_stack_events(StackName=self._id)["StackEvents"]
        failures = tuple(
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        )
        resources = self.resources()
        return Snapshot(status, resources, self._variables(resources), failures)

    def _variables(self, resources: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Return the environment variables of the versions that receive requests."""
        found = {}
        for name in resources:
            function = name.removesuffix("Aliaslive")
            if function != name and function in resources:
                version = self._lambda.get_function_configuration(
                    FunctionName=resources[function], Qualifier="live"
                )
                found[function] = version["Environment"]["Variables"]
        return found
