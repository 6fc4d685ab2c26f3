"""The transform of the template, as CloudFormation does it on AWS."""

from __future__ import annotations

import copy
import os
from functools import cache
from typing import Any

import pytest

from infra.local.template import read_template, resources_of
from infra.transform import TransformFailed, transform

TEMPLATE = read_template()


@cache
def transformed(**parameters: str) -> dict[str, Any]:
    """Return the transformed template; each call of the translator takes a second or two."""
    return transform(TEMPLATE, parameters)


def types(**parameters: str) -> set[str]:
    return {resource["Type"] for resource in transformed(**parameters)["Resources"].values()}


def test_only_resources_of_cloudformation_remain() -> None:
    assert not {kind for kind in types() if kind.startswith("AWS::Serverless::")}


def test_the_template_itself_does_not_change() -> None:
    transformed()
    assert read_template() == TEMPLATE


def test_it_decides_with_the_given_parameters_and_the_defaults_of_others() -> None:
    group = "AWS::CodeDeploy::DeploymentGroup"
    assert group not in types()
    assert group in types(DeploymentPreference="Canary10Percent5Minutes")


def test_artifacts_are_where_they_were_uploaded() -> None:
    image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/worker:1"
    artifacts = {
        "ApiFunction": "s3://code/api.zip",
        "TasksLayer": "s3://code/tasks.zip",
        "WorkerFunction": image,
        "Alarms": "http://127.0.0.1/alarms.yaml",
    }
    resources = transform(TEMPLATE, artifacts=artifacts)["Resources"]
    properties = {name: resource.get("Properties", {}) for name, resource in resources.items()}
    assert properties["ApiFunction"]["Code"] == {"S3Bucket": "code", "S3Key": "api.zip"}
    assert properties["WorkerFunction"]["Code"] == {"ImageUri": image}
    assert properties["Alarms"]["TemplateURL"] == "http://127.0.0.1/alarms.yaml"
    layers = resources_of({"Resources": resources}, "AWS::Lambda::LayerVersion").values()
    contents = [layer["Properties"]["Content"] for layer in layers]
    assert {"S3Bucket": "code", "S3Key": "tasks.zip"} in contents


def test_the_region_of_the_shell_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    assert transform(TEMPLATE) == transformed()


def test_an_invalid_template_is_refused() -> None:
    template: dict[str, Any] = copy.deepcopy(TEMPLATE)
    del template["Resources"]["ApiFunction"]["Properties"]["Handler"]
    with pytest.raises(TransformFailed, match="ApiFunction"):
        transform(template)
