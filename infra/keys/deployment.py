"""Finds the deployment of a stage: its stack, and the usage plan of its API keys."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.keys.errors import StackUnknown, StageUnknown

SETTINGS: Final = Path(__file__).parents[2] / "samconfig.toml"


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


def read_stage(stage: str, settings: Path = SETTINGS) -> dict[str, Any]:
    """Return the parameters of `sam deploy` for a stage; one of them is `stack_name`.

    Raises:
        StageUnknown: there is no section for the stage, or it does not name a stack.
    """
    sections = tomllib.loads(settings.read_text(encoding="utf-8"))
    found = {
        name: parameters
        for name, section in sections.items()
        if "stack_name" in (parameters := _parameters(section))
    }
    if stage not in found:
        stages = " and ".join(found) or "no stage"
        raise StageUnknown(
            f"{settings.name} has no stack_name for STAGE={stage}: it names the stacks of {stages}."
        )
    return found[stage]


def _parameters(section: Any) -> dict[str, Any]:
    """Return a section's parameters for `sam deploy`, which override those for all commands."""
    parameters: dict[str, Any] = {}
    if isinstance(section, dict):  # unlike the version of the file
        for command in ("global", "deploy"):
            parameters |= section.get(command, {}).get("parameters", {})
    return parameters


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
