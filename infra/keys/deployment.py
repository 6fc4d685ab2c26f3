"""Finds the deployment of a stage: its stack, and the usage plan of its API keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.keys.errors import StackUnknown


@dataclass(frozen=True)
class Deployment:
    """A deployed stack.

    Attributes:
        stack: the name of the stack.
        usage_plan: the id of the usage plan of its keys.
        first_key: the id of the key that belongs to the stack.
    """

    stack: str
    usage_plan: str
    first_key: str


def find_deployment(cloudformation: Any, stack: str) -> Deployment:
    """Return the deployment of a stack.

    Raises:
        StackUnknown: there is no stack of this name, or it has no usage plan in its outputs.
    """
    region = cloudformation.meta.region_name
    try:
        [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        advice = "deploy it, or set AWS_REGION to the region of the stack"
        raise StackUnknown(f"There is no stack {stack} in {region}: {advice}.") from error
    outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", ())}
    if "UsagePlanId" not in outputs:
        raise StackUnknown(f"The stack {stack} in {region} is too old: deploy it again first.")
    return Deployment(stack, outputs["UsagePlanId"], outputs["ApiKeyId"])
