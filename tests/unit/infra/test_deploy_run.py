"""The order of `make deploy`, and what it prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy.account import Clients
from infra.deploy.errors import DeployError, SamFailed
from infra.deploy.run import Options, Tools, deploy
from infra.deploy.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STAGE = Stage("dev", "barback-dev", ("Stage=dev Architecture=x86_64",))
OUTPUTS = {"ApiUrl": "https://api.example/dev/", "ApiKeyId": "abc123"}


def denied(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "AccessDeniedException"}}, operation)


@dataclass
class Account:
    """AWS with one stack, and sam. Each call is written down."""

    executions: int = 1000
    status: str | None = "UPDATE_COMPLETE"
    parameters: dict[str, str] = field(default_factory=dict)
    failing: str = ""  # a command of sam, or a call of AWS after the deployment
    calls: list[str] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    def get_caller_identity(self) -> Any:
        self.calls.append("identity")
        return {"Account": "123456789012"}

    def describe_stacks(self, **_: str) -> Any:
        self.calls.append("stack")
        if self.failing == "outputs" and "sam deploy" in self.calls:
            raise denied("DescribeStacks")
        if self.status is None and "sam deploy" not in self.calls:
            raise ClientError({"Error": {"Code": "ValidationError"}}, "DescribeStacks")
        parameters = [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in self.parameters.items()
        ]
        outputs = [{"OutputKey": name, "OutputValue": value} for name, value in OUTPUTS.items()]
        status = self.status or "CREATE_COMPLETE"
        return {"Stacks": [{"StackStatus": status, "Parameters": parameters, "Outputs": outputs}]}

    def get_account_settings(self) -> Any:
        self.calls.append("quota")
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.executions}}

    def get_paginator(self, name: str) -> Any:
        self.calls.append(name)
        if self.failing == name:
            raise denied(name)
        resources = [
            {"ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "api"},
            {"ResourceType": "AWS::Lambda::Version", "PhysicalResourceId": "api:1"},
        ]
        pages = {
            "list_stack_resources": {"StackResourceSummaries": resources},
            "list_versions_by_function": {"Versions": [{"Version": str(n)} for n in (1, 2, 3, 4)]},
            "list_aliases": {"Aliases": [{"FunctionVersion": "4"}]},
        }
        return Pages(pages[name])

    def delete_function(self, **call: str) -> None:
        self.calls.append(f"delete {call['FunctionName']} {call['Qualifier']}")

    def get_function(self, **_: str) -> Any:
        return {"Code": {"RepositoryType": "S3"}}

    def run(self, command: Sequence[str], _environment: Mapping[str, str]) -> int:
        self.calls.append(f"sam {command[1]}")
        self.commands.append(list(command[1:]))
        return 3 if self.failing == command[1] else 0

    def deploy(self, stage: Stage = STAGE, **options: Any) -> list[str]:
        """Deploy, and return the lines that were printed."""
        tools = Tools(
            environment={},
            run=self.run,
            echo=self.printed.append,
            write_sbom=lambda: self.calls.append("sbom"),
            now=lambda: datetime(2026, 11, 27, tzinfo=UTC),
        )
        clients = Clients(sts=self, cloudformation=self, lambda_=self, ecr=self)
        deploy(stage, "eu-west-1", clients, tools, Options(**options))
        return self.printed


class Pages:
    def __init__(self, page: Any) -> None:
        self.page = page

    def paginate(self, **_: str) -> Any:
        return [self.page]


def test_the_configuration_is_checked_before_the_slow_build() -> None:
    account = Account()
    account.deploy()
    order = ["identity", "stack", "quota", "sam build", "sbom", "sam deploy"]
    assert account.calls[: len(order)] == order
    assert account.calls.index("delete api 1") > account.calls.index("sam deploy")


def test_account_and_region_are_printed_first_and_the_url_last() -> None:
    first, *_, last = Account().deploy()
    assert first == "Deploying barback-dev to account 123456789012 in eu-west-1."
    assert "https://api.example/dev/" in last
    assert (
        "aws apigateway get-api-key --api-key abc123 --include-value --query value --output text "
        "--region eu-west-1"
    ) in last


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_cannot_be_updated_stops_before_the_build(status: str) -> None:
    account = Account(status=status)
    with pytest.raises(DeployError, match=status):
        account.deploy()
    assert account.commands == []


@pytest.mark.parametrize("command", ["build", "deploy"])
def test_a_failure_of_sam_ends_the_deployment(command: str) -> None:
    account = Account(failing=command)
    with pytest.raises(SamFailed) as failure:
        account.deploy()
    assert failure.value.status == 3
    assert account.calls[-1] == f"sam {command}"


def test_with_the_usual_quota_sam_reads_samconfig_itself() -> None:
    account = Account()
    account.deploy()
    assert account.commands == [["build", "--config-env", "dev"], ["deploy", "--config-env", "dev"]]


def test_values_of_samconfig_come_after_those_for_the_quota() -> None:
    """Sam uses the last value of a parameter, so they win."""
    account = Account(executions=10, status=None)
    account.deploy()
    assert account.commands[1][3:] == [
        "--parameter-overrides",
        "MaximumConcurrency=2",
        "LongestWaitSeconds=2",
        "Stage=dev Architecture=x86_64",
    ]
    assert "this account has 10 concurrent executions" in account.printed[1]


def test_an_architecture_replaces_that_of_samconfig_in_build_and_deployment() -> None:
    account = Account()
    account.deploy(architecture="arm64")
    for command in account.commands:
        overrides = ["Stage=dev Architecture=x86_64", "Architecture=arm64"]
        assert command[3:] == ["--parameter-overrides", *overrides]


def test_the_number_of_kept_versions_can_be_chosen() -> None:
    account = Account()
    account.deploy(keep_versions=1)
    assert [call for call in account.calls if "delete" in call] == ["delete api 1", "delete api 2"]


@pytest.mark.parametrize(
    "failing",
    ["list_stack_resources", "list_versions_by_function", "list_aliases", "outputs"],
)
def test_a_failure_after_the_deployment_is_a_warning(failing: str) -> None:
    """The stack is deployed."""
    printed = Account(failing=failing).deploy()
    assert any(line.startswith("Warning: ") for line in printed)
