"""Deploys the queues, the table and the bucket of template.yaml.

Functions cannot be deployed here, but their environment variables and event sources refer to these
resources. Each such value becomes an output of the stack, so that CloudFormation resolves it and
nothing here needs to know CloudFormation's intrinsic functions.
"""

from __future__ import annotations

import copy
import json
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from infra.local.definitions import define_function
from infra.local.local_template import parameter_values
from infra.local.template import (
    environment_of,
    first_choice,
    functions_of,
    queue_events,
    read_template,
    resources_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.local.definitions import Function
    from infra.local.template import JsonObject

# The deployed types, and the property with their name. Resources are named by their logical ids,
# because `sam local` replaces references by these. Bucket names must be in lower case.
BUCKET: Final = "AWS::S3::Bucket"
DEPLOYED: Final = {
    "AWS::SQS::Queue": "QueueName",
    "AWS::DynamoDB::Table": "TableName",
    BUCKET: "BucketName",
}
TABLE: Final = "TaskTable"


def deploy(
    cloudformation: Any,
    *,
    stack_name: str = "barback",
    parameters: Mapping[str, str] | None = None,
    template: JsonObject | None = None,
) -> dict[str, Function]:
    """Create the stack and return the template's functions by logical id.

    Raises:
        botocore.exceptions.WaiterError: the stack could not be created.
    """
    template = template or read_template()
    cloudformation.create_stack(
        StackName=stack_name,
        TemplateBody=json.dumps(_deployable(template)),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in (parameters or {}).items()
        ],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    values = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    return {
        name: _function(
            name,
            resource["Properties"],
            template,
            values,
            parameter_values(template, parameters or {}),
        )
        for name, resource in functions_of(template).items()
    }


@contextmanager
def separate_table(dynamodb: Any, template: JsonObject) -> Iterator[JsonObject]:
    """Create the table without CloudFormation, for a DynamoDB that another emulator does not know.

    Yields the template without the table. The table is deleted on exit.
    """
    template = copy.deepcopy(template)
    properties = template["Resources"].pop(TABLE)["Properties"]
    template["Globals"]["Function"]["Environment"]["Variables"]["TABLE_NAME"] = TABLE
    with suppress(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.delete_table(TableName=TABLE)  # a killed stack may have left it
    stream = {**properties["StreamSpecification"], "StreamEnabled": True}
    parameters = table_parameters(properties)
    dynamodb.create_table(TableName=TABLE, StreamSpecification=stream, **parameters)
    try:
        yield template
    finally:
        dynamodb.delete_table(TableName=TABLE)


def table_parameters(properties: JsonObject) -> JsonObject:
    """Return the parameters of CreateTable for the table of the template, with all its indexes."""
    keys = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    return {key: first_choice(properties[key]) for key in keys}


def delete(cloudformation: Any, s3: Any, stack_name: str = "barback") -> None:
    """Delete the stack, if it exists, with its files, and wait until it is deleted."""
    try:
        stack = cloudformation.describe_stack_resources(StackName=stack_name)
    except cloudformation.exceptions.ClientError:
        return
    for resource in stack["StackResources"]:
        if resource["ResourceType"] == BUCKET:
            _empty(s3, resource["PhysicalResourceId"])
    cloudformation.delete_stack(StackName=stack_name)
    waiter = cloudformation.get_waiter("stack_delete_complete")
    waiter.wait(StackName=stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def _empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", ()):
            s3.delete_object(Bucket=bucket, Key=found["Key"])


def _deployable(template: JsonObject) -> JsonObject:
    resources = {
        name: {**resource, "Properties": {named_by: _name(kind, name), **resource["Properties"]}}
        for kind, named_by in DEPLOYED.items()
        for name, resource in resources_of(template, kind).items()
    }
    outputs = {
        _output(function, variable): {"Value": value}
        for function in functions_of(template)
        for variable, value in environment_of(template, function).items()
    }
    for function, resource in functions_of(template).items():
        for name, event in queue_events(resource["Properties"]):
            outputs[_output(function, name)] = {"Value": event["Queue"]}
    parameters = template.get("Parameters", {})
    conditions = template.get("Conditions", {})
    return {
        "Parameters": parameters,
        "Conditions": conditions,
        "Resources": resources,
        "Outputs": outputs,
    }


def _name(kind: str, logical_id: str) -> str:
    return logical_id.lower() if kind == BUCKET else logical_id


def _function(
    name: str,
    properties: JsonObject,
    template: JsonObject,
    values: Mapping[str, str],
    parameters: Mapping[str, str],
) -> Function:
    environment = {
        variable: values[_output(name, variable)] for variable in environment_of(template, name)
    }
    return define_function(
        name,
        properties,
        environment,
        lambda event_name, _: values[_output(name, event_name)],
        parameters,
    )


def _output(function: str, name: str) -> str:
    """Return the key of an output, which may contain only letters and digits."""
    return f"{function}{name}".replace("_", "")
