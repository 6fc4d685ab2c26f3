"""Transforms template.yaml into the template that CloudFormation deploys, as SAM does on AWS."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Final

import boto3
from samtranslator.public.parser import Parser
from samtranslator.public.translator import Translator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.local.template import JsonObject

REGION: Final = "us-east-1"
# The properties that refer to files, by type. `sam package` uploads the files and replaces these.
FUNCTION: Final = "AWS::Serverless::Function"
FILES: Final = {
    FUNCTION: "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::CloudFormation::Stack": "TemplateURL",
}
IMAGE: Final = "ImageUri"  # instead of CodeUri


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
        samtranslator.public.exceptions.InvalidDocumentException: SAM does not accept the template.
    """
    packaged = copy.deepcopy(template)
    for name, resource in packaged["Resources"].items():
        if key := file_property(resource):
            place = f"s3://artifacts/{name}"
            resource["Properties"][key] = (artifacts or {}).get(name, place)
    # The translator would look up the names of managed policies in this mapping.
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    result: JsonObject = translator.translate(packaged, parameter_values=dict(parameters or {}))
    return result


def file_property(resource: JsonObject) -> str | None:
    """Return the name of the resource's property that refers to files, if it has one."""
    kind = resource["Type"]
    is_image = kind == FUNCTION and resource["Properties"].get("PackageType") == "Image"
    return IMAGE if is_image else FILES.get(kind)
