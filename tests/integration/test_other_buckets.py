"""What the role of the document worker may read in other buckets, as CloudFormation resolves it."""

from __future__ import annotations

import ast
import json
from typing import Any

import boto3
import pytest

from infra.local.template import read_template

PARAMETER = "DocumentBuckets"
POLICY = "process-documents"

pytestmark = pytest.mark.usefixtures("moto")


def statements(places: str) -> list[dict[str, Any]]:
    """Create the role with a value of the parameter; return the statements of its policy."""
    template = read_template()
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "own"}}
    others = ("DocumentQueue", "DeadLetterQueue", "UnreadableQueue", "TaskTable", "DocumentLogs")
    kept = {name: template["Resources"][name] for name in ("DocumentRole", *others)}
    stack = {
        "Parameters": template["Parameters"],
        "Conditions": template["Conditions"],
        "Resources": {**kept, "DocumentBucket": bucket},
    }
    cloudformation: Any = boto3.client("cloudformation")
    iam = boto3.client("iam")
    given = [{"ParameterKey": PARAMETER, "ParameterValue": places}]
    cloudformation.create_stack(StackName="roles", TemplateBody=json.dumps(stack), Parameters=given)
    [role] = iam.list_roles()["Roles"]
    policy = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=POLICY)
    document: Any = policy["PolicyDocument"]
    found = ast.literal_eval(document)["Statement"]  # moto has Python's text
    return [each for each in found if each is not None]  # and keeps what has no value


def readable(found: list[dict[str, Any]]) -> set[str]:
    """Return the ARNs outside of the own bucket in all statements about S3."""
    s3 = [each for each in found if "s3:" in str(each["Action"])]
    arns = {arn for each in s3 for arn in _list(each["Resource"]) if ":::own" not in arn}
    named = [each for each in s3 if arns.intersection(_list(each["Resource"]))]
    assert all(_list(each["Action"]) == ["s3:GetObject"] for each in named)
    return arns - {"arn:aws:s3:::-/*"}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(
    ("places", "arns"),
    [
        ("orders", {"orders/*"}),
        ("orders,archive/2026/in", {"orders/*", "archive/2026/in/*"}),
        ("one,two,three,four", {"one/*", "two/*", "three/*", "four/*"}),
    ],
)
def test_the_document_worker_may_read_the_listed_places_and_nothing_else(
    places: str, arns: set[str]
) -> None:
    """A bucket whose name only begins like a listed one is another bucket."""
    assert readable(statements(places)) == {f"arn:aws:s3:::{arn}" for arn in arns}


def test_without_a_list_the_document_worker_reads_no_other_bucket() -> None:
    assert readable(statements("")) == set()
