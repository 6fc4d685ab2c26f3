"""The stack in CloudFormation: its state, parameters and outputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from infra.deploy.errors import DeployError, error_code, translate_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.deploy.account import Target

NEVER_CREATED: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


@dataclass(frozen=True)
class Stack:
    """A stack that exists."""

    status: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


def find_stack(cloudformation: Any, name: str) -> Stack | None:
    """Return the stack, or None if it does not exist.

    Raises:
        DeployError: the stack cannot be read.
    """
    with translate_errors():
        try:
            found = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if error_code(error) == "ValidationError":  # the name itself is valid
                return None
            raise
    return Stack(
        found["StackStatus"],
        {item["ParameterKey"]: item["ParameterValue"] for item in found.get("Parameters", ())},
        {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", ())},
    )


def require_updatable(stack: Stack | None, target: Target) -> None:
    """Return if the stack can be created or updated.

    Raises:
        DeployError: it cannot; the message says what to do first.
    """
    if stack is None or stack.status == "REVIEW_IN_PROGRESS":  # sam creates such a stack
        return
    name, status = target.stage.stack_name, stack.status
    if status in NEVER_CREATED:
        command = target.cli(f"cloudformation delete-stack --stack-name {name}")
        raise DeployError(
            f"The stack {name} is in the state {status}, in which it can only be deleted. "
            f"Delete it, then deploy again: {command}"
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        command = target.cli(f"cloudformation continue-update-rollback --stack-name {name}")
        raise DeployError(
            f"The last update of the stack {name} could not be undone. Fix the cause that its "
            f"events name, then finish the rollback and deploy again: {command}"
        )
    if status.endswith("_IN_PROGRESS"):
        command = target.cli(f"cloudformation describe-stacks --stack-name {name}")
        raise DeployError(
            f"CloudFormation is still working on the stack {name} ({status}). Wait until it has "
            f"finished, then deploy again; its state is shown by: {command}"
        )
