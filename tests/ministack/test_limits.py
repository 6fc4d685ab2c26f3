"""Whether MiniStack still has the limits for which the suites change the template.

A test that fails here asks for one workaround less in limits.py.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.template import TEMPLATE, read_template, resources_of
from infra.transform import transform
from tests.ministack.history import NESTED
from tests.ministack.limits import ANY_METHOD, BATCHES, MAPPING, REST_API, UNSUPPORTED, without
from tests.ministack.stack import Stack

if TYPE_CHECKING:
    from infra.local.template import JsonObject
    from tests.ministack.conftest import Account

EVERYTHING = {"DeploymentPreference": "Canary10Percent5Minutes"}
QUEUE = {"Type": "AWS::SQS::Queue"}


@pytest.fixture(scope="module")
def templates() -> list[JsonObject]:
    """Return the transformed template, with gradual deployment, and the nested one."""
    return [transform(read_template(), EVERYTHING), read_template(TEMPLATE.parent / NESTED)]


def alone(name: str, templates: list[JsonObject]) -> JsonObject:
    """Return a template with this resource only, on which no condition and no reference is."""
    [found] = [part["Resources"][name] for part in templates if name in part["Resources"]]
    return {"Resources": {name: _plain({"Type": found["Type"], "Properties": found["Properties"]})}}


def _plain(value: Any) -> Any:
    """Replace each function of CloudFormation by a name."""
    if isinstance(value, dict):
        if any(key == "Ref" or key.startswith("Fn::") for key in value):
            return "arn:aws:iam::000000000000:role/name"
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", sorted(UNSUPPORTED))
def test_an_unsupported_resource_cannot_be_created(
    account: Account, templates: list[JsonObject], name: str
) -> None:
    stack = Stack(f"alone-{name}", account.artifacts)
    assert stack.status_of(alone(name, templates)) in ("ROLLBACK_COMPLETE", "ValidationError")


def test_a_supported_resource_can_be_created_in_the_same_way(
    account: Account, templates: list[JsonObject]
) -> None:
    [name, *_] = resources_of(without(templates[1]), "AWS::CloudWatch::Alarm")
    stack = Stack("supported", account.artifacts)
    assert stack.status_of(alone(name, templates)) == "CREATE_COMPLETE"


def test_a_method_for_any_is_not_imported(account: Account) -> None:
    operation = {"x-amazon-apigateway-integration": {"type": "mock"}}
    body = {"openapi": "3.0.1", "info": {}, "paths": {"/p": {ANY_METHOD: operation}}}
    api = {"Type": REST_API, "Properties": {"Name": "any", "Body": body}}
    stack = Stack("any", account.artifacts)
    resources = stack.deploy({"Resources": {"Api": api}}, {}).resources
    gateway: Any = boto3.client("apigateway")
    paths = gateway.get_resources(restApiId=resources["Api"], embed=["methods"])["items"]
    assert [path.get("resourceMethods") for path in paths if path["path"] == "/p"] == [{}]


def test_responses_of_the_gateway_are_not_imported(
    account: Account, templates: list[JsonObject]
) -> None:
    """So no journey sees the gateway's own refusals as problems."""
    [found] = resources_of(templates[0], REST_API).values()
    body = {**found["Properties"]["Body"], "paths": {}}
    api = {"Type": REST_API, "Properties": {**found["Properties"], "Name": "own", "Body": body}}
    stack = Stack("responses", account.artifacts)
    resources = stack.deploy({"Resources": {"Api": _plain(api)}}, {}).resources
    gateway: Any = boto3.client("apigateway")
    found = gateway.get_gateway_responses(restApiId=resources["Api"])["items"]
    assert all(response["defaultResponse"] for response in found)


def test_a_number_that_is_a_parameter_remains_text(account: Account) -> None:
    properties = {
        "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
        "FunctionName": "none",
        "Enabled": False,
        "ScalingConfig": {"MaximumConcurrency": {"Ref": "Concurrency"}},
    }
    template = {
        "Parameters": {"Concurrency": {"Type": "Number", "Default": 2}},
        "Resources": {"Queue": QUEUE, "Mapping": {"Type": MAPPING, "Properties": properties}},
    }
    assert Stack("number", account.artifacts).deploy(template, {}).status == "CREATE_COMPLETE"
    bodies: list[bytes] = []
    client: Any = boto3.client("lambda")
    client.meta.events.register(
        "before-parse.lambda", lambda response_dict, **_: bodies.append(response_dict["body"])
    )
    client.list_event_source_mappings()
    [mapping] = json.loads(bodies[0])["EventSourceMappings"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] == "2"


def session_with(name: str, statement: JsonObject) -> boto3.Session:
    """Return a session of a new user with this permission only."""
    iam: Any = boto3.client("iam")
    iam.create_user(UserName=name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
    iam.put_user_policy(UserName=name, PolicyName="one", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.mark.parametrize("action", sorted(BATCHES))
def test_permission_for_a_call_does_not_include_its_batch(account: Account, action: str) -> None:
    """On AWS it does."""
    assert action == "sqs:SendMessage"
    session = session_with("sender", {"Action": action, "Resource": "*"})
    sqs = session.client("sqs", endpoint_url=account.endpoint)
    queue = boto3.client("sqs").create_queue(QueueName="batches")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": "1", "MessageBody": "two"}])


def test_a_condition_on_rows_is_ignored(account: Account) -> None:
    """On AWS, the roles allow only rows with such ids. A test compares them with all calls."""
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["delivery#*"]}}
    statement = {"Action": "dynamodb:GetItem", "Resource": "*", "Condition": condition}
    session = session_with("reader", statement)
    dynamodb = session.client("dynamodb", endpoint_url=account.endpoint)
    properties = read_template()["Resources"]["TaskTable"]["Properties"]
    boto3.client("dynamodb").create_table(
        TableName="rows",
        BillingMode=properties["BillingMode"],
        KeySchema=properties["KeySchema"],
        AttributeDefinitions=[{"AttributeName": "task_id", "AttributeType": "S"}],
    )
    key = {"task_id": {"S": "secrets#owner"}}
    assert "Item" not in dynamodb.get_item(TableName="rows", Key=key)
