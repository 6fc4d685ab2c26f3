"""`make deploy` on stacks in every state."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.deploy.account import Target
from infra.deploy.errors import DeployError
from infra.deploy.stack import Stack, find_stack, require_updatable
from infra.deploy.stages import Stage

TARGET = Target(Stage("dev", "barback-dev"), "eu-west-1", "123456789012")
TEMPLATE = """
Parameters: {Wait: {Type: String}}
Resources: {Topic: {Type: "AWS::SNS::Topic"}}
Outputs: {ApiUrl: {Value: "https://api/"}}
"""
READY = {
    "CREATE_COMPLETE",
    "CREATE_FAILED",  # with rollback disabled; sam may repeat the operation
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "IMPORT_ROLLBACK_FAILED",  # nothing here imports resources; CloudFormation says what to do
    "REVIEW_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_COMPLETE",
}
GONE = {"DELETE_COMPLETE"}  # a stack in this state is not found by its name


@pytest.fixture
def cloudformation(moto: None) -> Any:  # noqa: ARG001 - the client is one of moto
    return boto3.client("cloudformation", region_name="eu-west-1")


def all_states() -> list[str]:
    """Return the states that botocore's description of CloudFormation names."""
    model: Any = boto3.client("cloudformation", region_name="eu-west-1").meta.service_model
    states: list[str] = model.shape_for("StackStatus").enum
    return states


def refusal(status: str) -> str:
    """Return the message with which a state is refused, or an empty one."""
    try:
        require_updatable(Stack(status), TARGET)
    except DeployError as error:
        return str(error)
    return ""


def test_a_stack_is_read_with_its_parameters_and_outputs(cloudformation: Any) -> None:
    cloudformation.create_stack(
        StackName="barback-dev",
        TemplateBody=TEMPLATE,
        Parameters=[{"ParameterKey": "Wait", "ParameterValue": "2"}],
    )
    assert find_stack(cloudformation, "barback-dev") == Stack(
        "CREATE_COMPLETE", {"Wait": "2"}, {"ApiUrl": "https://api/"}
    )


def test_a_stack_that_does_not_exist_yet_can_be_created(cloudformation: Any) -> None:
    found = find_stack(cloudformation, "barback-dev")
    assert found is None
    require_updatable(found, TARGET)


def test_a_stack_that_may_not_be_read_stops_the_deployment() -> None:
    class Denied:
        def describe_stacks(self, **_: str) -> Any:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "DescribeStacks")

    with pytest.raises(DeployError, match="do not permit DescribeStacks"):
        find_stack(Denied(), "barback-dev")


def test_every_other_state_is_refused() -> None:
    """A state that AWS adds is noticed when boto3 is upgraded."""
    accepted = {status for status in all_states() if not refusal(status)}
    assert accepted - GONE == READY - GONE


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"])
def test_a_stack_that_was_never_created_must_be_deleted_first(status: str) -> None:
    assert "delete-stack --stack-name barback-dev --region eu-west-1" in refusal(status)


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"])
def test_a_running_deployment_is_waited_for(status: str) -> None:
    assert "Wait until it has finished" in refusal(status)
    assert f"({status})" in refusal(status)


def test_a_failed_rollback_must_be_finished_first() -> None:
    assert "continue-update-rollback --stack-name barback-dev" in refusal("UPDATE_ROLLBACK_FAILED")
