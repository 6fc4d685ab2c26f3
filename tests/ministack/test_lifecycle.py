"""One stack through its life: update, change of parameters, rollback and deletion.

Its functions have no code, because none is invoked. Each step starts where the one before it ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest

from infra.local.template import TEMPLATE, read_template, resources_of
from tests.ministack.account import content
from tests.ministack.history import NESTED, earlier_template
from tests.ministack.limits import deployable
from tests.ministack.packages import placeholders
from tests.ministack.stack import Snapshot, Stack

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.template import JsonObject
    from tests.ministack.conftest import Account
    from tests.ministack.packages import Artifacts

RUNBOOK: Final = TEMPLATE.parent / "docs/operating.md"
# Their content would be lost if CloudFormation created them again.
STATEFUL: Final = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue")
# Values of the parameters that accept any text.
TEXTS: Final = {
    "AllowedOrigins": "https://example.com",
    "AlarmTopicArn": "arn:aws:sns:us-east-1:000000000000:operators",
    "DocumentBuckets": "orders,archive/in",
    "BudgetEmail": "operator@example.com",
    "EndpointUrl": "http://127.0.0.1:9",
    "Pipelines": "sentiment",
}
# A stack has one stage and one architecture.
FIXED: Final = ("Architecture", "Stage")


@dataclass
class Deployments:
    """Deploys versions of the template to one stack."""

    stack: Stack
    artifacts: Artifacts
    retained: set[str] = field(default_factory=set)  # of the earlier version, physical ids

    def deploy(
        self, path: Path = TEMPLATE, parameters: dict[str, str] | None = None, **added: JsonObject
    ) -> Snapshot:
        """Deploy a template, with further resources."""
        template = read_template(path)
        values = parameters or {}
        transformed = placeholders(self.artifacts, template, path.parent / NESTED, values)
        transformed["Resources"] |= added
        result = self.stack.deploy(deployable(transformed, values), values)
        if path != TEMPLATE:
            self.retained = {
                result.resources[name]
                for name, resource in transformed["Resources"].items()
                if resource.get("DeletionPolicy") == "Retain"
            }
        return result


def another_value(name: str, parameter: JsonObject) -> str:
    """Return a value of a parameter that differs from its default."""
    default = parameter["Default"]
    if "AllowedValues" in parameter:
        return str(next(value for value in parameter["AllowedValues"] if value != default))
    if parameter["Type"] == "Number":
        return str(
            default + 1 if default + 1 <= parameter.get("MaxValue", default + 1) else default - 1
        )
    return TEXTS[name]


def other_parameters() -> dict[str, str]:
    return {
        name: another_value(name, parameter)
        for name, parameter in read_template()["Parameters"].items()
        if name not in FIXED
    }


def stateful(snapshot: Snapshot) -> dict[str, str]:
    """Return the physical ids of the resources that hold data."""
    template = read_template()
    names = {name for kind in STATEFUL for name in resources_of(template, kind)}
    return {name: snapshot.resources[name] for name in names}


@pytest.fixture(scope="module")
def deployments(account: Account) -> Deployments:
    return Deployments(Stack("life", account.artifacts), account.artifacts)


@pytest.fixture(scope="module")
def before(deployments: Deployments) -> set[tuple[str, str]]:
    """Return the content of the account without the stack."""
    assert deployments.stack.name
    return content()


@pytest.fixture(scope="module")
def earlier(
    deployments: Deployments, before: set[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Snapshot | None:
    """Deploy the version of the template before this one, if there is one."""
    assert before
    path = earlier_template(tmp_path_factory.mktemp("earlier"))
    return deployments.deploy(path) if path else None


@pytest.fixture(scope="module")
def current(deployments: Deployments, earlier: Snapshot | None) -> Snapshot:  # noqa: ARG001
    return deployments.deploy()


@pytest.fixture(scope="module")
def changed(deployments: Deployments, current: Snapshot) -> Snapshot:  # noqa: ARG001
    """Give every parameter another value."""
    return deployments.deploy(parameters=other_parameters())


@pytest.fixture(scope="module")
def rolled_back(deployments: Deployments, changed: Snapshot) -> Snapshot:
    """Return to the defaults, with a resource that fails after all functions have changed."""
    missing = {
        "FunctionName": {"Ref": "ApiFunction"},
        "Qualifier": "missing",
        "MaximumRetryAttempts": 0,
    }
    aliases = [f"{function}Aliaslive" for function in changed.variables]
    return deployments.deploy(
        Broken={
            "Type": "AWS::Lambda::EventInvokeConfig",
            "DependsOn": aliases,
            "Properties": missing,
        }
    )


def test_the_earlier_template_updates_to_this_one(
    earlier: Snapshot | None, current: Snapshot
) -> None:
    """Tasks, messages and documents stay: nothing that holds data is created again."""
    if earlier is None:
        pytest.skip("the history of this clone has no earlier version of the template")
    assert (earlier.status, earlier.failures) == ("CREATE_COMPLETE", ())
    assert (current.status, current.failures) == ("UPDATE_COMPLETE", ())
    kept = stateful(current)
    assert {name: earlier.resources.get(name, kept[name]) for name in kept} == kept


def test_every_parameter_can_change(current: Snapshot, changed: Snapshot) -> None:
    assert (changed.status, changed.failures) == ("UPDATE_COMPLETE", ())
    assert stateful(changed) == stateful(current)


def test_a_change_of_parameters_reaches_the_versions_that_receive_requests(
    current: Snapshot, changed: Snapshot
) -> None:
    parameters = other_parameters()
    api = changed.variables["ApiFunction"]
    assert api["DEADLINE_SECONDS"] == parameters["DeadlineSeconds"]
    assert api["ALLOWED_ORIGINS"] == parameters["AllowedOrigins"]
    for function, variables in changed.variables.items():
        assert variables["AWS_ENDPOINT_URL"] == parameters["EndpointUrl"]
        assert variables != current.variables[function]


def test_the_list_of_tasks_is_a_parameter(current: Snapshot, changed: Snapshot) -> None:
    assert current.variables["ApiFunction"]["TASK_LIST"] == "false"
    assert changed.variables["ApiFunction"]["TASK_LIST"] == "true"
    assert indexes(changed.resources["TaskTable"]) == ["by-owner"]


def test_webhooks_are_a_parameter(current: Snapshot, changed: Snapshot) -> None:
    """Without them, nothing polls their queue or the table's stream."""
    for snapshot, webhooks in ((current, "true"), (changed, "false")):
        assert snapshot.variables["ApiFunction"]["WEBHOOKS"] == webhooks
    assert mapping_states(changed.resources["WebhookFunction"]) == {"Disabled"}
    assert mapping_states(changed.resources["ReaperFunction"]) == {"Enabled"}


def mapping_states(function: str) -> set[str]:
    """Return the states of the event sources of a function."""
    client: Any = boto3.client("lambda")
    found = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    return {mapping["State"] for mapping in found}


def indexes(table: str) -> list[str]:
    """Return the names of the indexes of a table."""
    dynamodb: Any = boto3.client("dynamodb")
    found = dynamodb.describe_table(TableName=table)["Table"]
    return [index["IndexName"] for index in found.get("GlobalSecondaryIndexes", ())]


def test_an_update_that_fails_leaves_everything_as_it_was(
    changed: Snapshot, rolled_back: Snapshot
) -> None:
    assert rolled_back.status == "UPDATE_ROLLBACK_COMPLETE"
    assert any(reason.startswith("Broken:") for reason in rolled_back.failures)
    assert rolled_back.resources == changed.resources
    assert rolled_back.variables == changed.variables


def test_a_deleted_stack_leaves_only_the_keys_of_its_operators(
    deployments: Deployments, before: set[tuple[str, str]], rolled_back: Snapshot
) -> None:
    """As the runbook says; and the layers that an earlier version of the template retained."""
    assert rolled_back.resources
    current = deployments.deploy()  # without protection against deletion
    gateway: Any = boto3.client("apigateway")
    key = gateway.create_api_key(name="added", enabled=True)["id"]
    plan = current.resources["UsagePlan"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyType="API_KEY", keyId=key)
    assert deployments.stack.delete().status == "DELETE_COMPLETE"
    left = content() - before - {("list_layers", layer) for layer in deployments.retained}
    assert left == {("get_api_keys", key)}
    section = RUNBOOK.read_text("utf-8").partition("## Deleting a stack")[2]
    assert "| keys that you added |" in section
