"""The template, deployed to LocalStack's CloudFormation with its SAM transform."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from botocore.exceptions import WaiterError

from infra.emulated.deployment import delete
from infra.local.template import TEMPLATE, read_template, resources_of

if TYPE_CHECKING:
    from collections.abc import Iterator

STACK: Final = "barback-template"
ALARMS_STACK: Final = "barback-alarms"
ALARMS: Final = TEMPLATE.parent / "infra/alarms.yaml"
BUCKET: Final = "barback-code"
CODE: Final = f"s3://{BUCKET}/code.zip"
NESTED: Final = f"http://127.0.0.1:4566/{BUCKET}/alarms.yaml"
# Resources that this edition reports as created but ignores. A unit test reads the dashboard.
IGNORED: Final = {"Dashboard"}
# All features that are off by default.
PARAMETERS: Final = {"Tracing": "Active", "AccessLogs": "true"}
# Properties of the gateway that this edition's transform is too old for.
UNKNOWN: Final = ("SecurityPolicy", "EndpointAccessMode")
# The conditions of other features, which stay off: CodeDeploy and budgets are not in this edition.
OFF: Final = {"IsGradual", "HasBudget"}
# Resources that LocalStack's free edition cannot create without Docker, and why.
UNSUPPORTED: Final = {
    "WorkerFunction": "this edition does not support functions that are images",
    "DocumentFunction": "this edition does not support functions that are images",
    "ApiFunction": "it would have to download the runtime",
    "ReaperFunction": "it would have to download the runtime",
    "WebhookFunction": "it would have to download the runtime",
    "TaskTable": "it would have to download DynamoDB; the suites use DynamoDB Local",
}


def without(names: dict[str, str], value: Any) -> Any:
    """Return a part of the template without references to unsupported resources."""
    if isinstance(value, dict):
        if value.get("Ref") in names:
            return value["Ref"]
        attribute = value.get("Fn::GetAtt")
        if attribute and attribute[0] in names:
            return f"arn:aws:none:us-east-1:000000000000:{attribute[0]}"
        text = value.get("Fn::Sub")
        if isinstance(text, str) and any(f"${{{name}." in text for name in names):
            return "arn:aws:none:us-east-1:000000000000:part"
        return {key: without(names, inner) for key, inner in value.items() if key not in names}
    return [without(names, inner) for inner in value] if isinstance(value, list) else value


def deployable() -> dict[str, Any]:
    """Return the template without unsupported resources, with an empty zip file as its code."""
    template: dict[str, Any] = without(UNSUPPORTED, read_template())
    off = [name for name, found in template["Resources"].items() if found.get("Condition") in OFF]
    for name in off:
        del template["Resources"][name]
    for resource in template["Resources"].values():
        resource.pop("Metadata", None)
        if "ContentUri" in resource["Properties"]:
            resource["Properties"]["ContentUri"] = CODE
    for name in UNKNOWN:
        del template["Resources"]["Gateway"]["Properties"][name]
    # The real paths come from the API function's events.
    path = {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}}
    body = {"openapi": "3.0.1", "info": {"title": "b", "version": "1"}, "paths": {"/": path}}
    template["Resources"]["Gateway"]["Properties"]["DefinitionBody"] = body
    template["Resources"]["Alarms"]["Properties"]["TemplateURL"] = NESTED
    return template


@pytest.fixture
def cloudformation(localstack: None) -> Iterator[Any]:  # noqa: ARG001 - it sets the environment
    """Return a client of an account without this stack."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as code:
        code.writestr("python/nothing.py", "")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="code.zip", Body=stream.getvalue())
    s3.put_object(Bucket=BUCKET, Key="alarms.yaml", Body=ALARMS.read_bytes())
    client = boto3.client("cloudformation")
    for stack in (STACK, ALARMS_STACK):
        delete(client, s3, stack)
    yield client
    for stack in (STACK, ALARMS_STACK):
        delete(client, s3, stack)


def deploy(
    cloudformation: Any, stack: str, body: str, parameters: dict[str, str]
) -> list[dict[str, Any]]:
    """Create the stack and return its resources, after checking that all were created."""
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=body,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    with suppress(WaiterError):  # the resources are checked below
        waiter.wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    resources: list[dict[str, Any]]
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    failed = [item for item in resources if item["ResourceStatus"] != "CREATE_COMPLETE"]
    assert failed == []
    unknown = {r["LogicalResourceId"] for r in resources if r["PhysicalResourceId"] == "unknown"}
    assert unknown <= IGNORED
    return resources


def test_the_template_deploys(cloudformation: Any) -> None:
    """Every resource is created, except the unsupported ones."""
    template = deployable()
    resources = deploy(cloudformation, STACK, json.dumps(template), PARAMETERS)
    made = {resource["LogicalResourceId"] for resource in resources}
    # The transform adds a hash to the name of a layer.
    for name in template["Resources"]:
        assert any(logical_id.startswith(name) for logical_id in made), name
    outputs = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    assert {output["OutputKey"] for output in outputs} == set(template["Outputs"])


def test_the_alarms_deploy_on_their_own(cloudformation: Any) -> None:
    """The nested template needs only its parameters, and each alarm notifies the topic."""
    topic = "arn:aws:sns:us-east-1:000000000000:operators"
    template = read_template(ALARMS)
    given = {"DeadlineSeconds": "900", "Webhooks": "true", "AlarmTopicArn": topic}
    parameters = {name: name for name in template["Parameters"]} | given
    resources = deploy(cloudformation, ALARMS_STACK, ALARMS.read_text("utf-8"), parameters)
    assert {item["LogicalResourceId"] for item in resources} == set(template["Resources"])
    made = {item["PhysicalResourceId"] for item in resources}
    cloudwatch = boto3.client("cloudwatch")
    alarms = [
        alarm
        for page in cloudwatch.get_paginator("describe_alarms").paginate()
        for alarm in page["MetricAlarms"]
        if alarm["AlarmName"] in made
    ]
    assert len(alarms) == len(resources_of(template, "AWS::CloudWatch::Alarm"))
    assert all(alarm["AlarmActions"] == [topic] for alarm in alarms)
