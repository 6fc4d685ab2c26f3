"""Transforms template.yaml into the template that CloudFormation deploys, as SAM does on AWS.

The translator is the one of the SAM CLI, in the CLI's own environment.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.local.template import JsonObject

PYTHON: Final = Path(__file__).parents[1] / ".venv-sam/bin/python"
PROGRAM: Final = Path(__file__).with_name("sam_translator.py")
REGION: Final = "us-east-1"
# The properties that refer to files, by type. `sam package` uploads the files and replaces these.
FUNCTION: Final = "AWS::Serverless::Function"
FILES: Final = {
    FUNCTION: "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::CloudFormation::Stack": "TemplateURL",
}
IMAGE: Final = "ImageUri"  # instead of CodeUri


class TransformFailed(Exception):
    """SAM does not accept the template; the message says why."""


def transform(
    template: JsonObject,
    parameters: Mapping[str, str] | None = None,
    artifacts: Mapping[str, str] | None = None,
) -> JsonObject:
    """Return the template with CloudFormation's resources instead of SAM's.

    References to parameters remain; SAM uses the parameters' values, or their defaults, for its own
    decisions, such as whether to create CodeDeploy's resources.

    Args:
        template: a template with expanded short forms, as `read_template` returns it.
        parameters: the parameters' values by name.
        artifacts: the places of the uploaded files by logical id: the S3 URI of code, the URI of an
            image, or the HTTP URL of a nested template. The default is a place without a file.

    Raises:
        TransformFailed: SAM does not accept the template.
        OSError: the SAM CLI is not installed; run `make .venv-sam/sam`.
    """
    packaged = copy.deepcopy(template)
    for name, resource in packaged["Resources"].items():
        if key := file_property(resource):
            place = f"s3://artifacts/{name}"
            resource["Properties"][key] = (artifacts or {}).get(name, place)
    document = json.dumps({"template": packaged, "parameters": dict(parameters or {})})
    environment = {**os.environ, "AWS_DEFAULT_REGION": REGION, "PYTHONPATH": ""}
    done = subprocess.run(  # noqa: S603 - our own program
        [PYTHON, PROGRAM],
        input=document,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        raise TransformFailed(done.stderr.strip())
    result: JsonObject = json.loads(done.stdout)
    return result


def file_property(resource: JsonObject) -> str | None:
    """Return the name of the resource's property that refers to files, if it has one."""
    kind = resource["Type"]
    is_image = kind == FUNCTION and resource["Properties"].get("PackageType") == "Image"
    return IMAGE if is_image else FILES.get(kind)
