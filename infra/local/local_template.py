"""The functions of template.yaml with the values that they have on one machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from infra.local.definitions import define_function
from infra.local.template import environment_of, functions_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.local.definitions import Function
    from infra.local.template import JsonObject

ARN: Final = "arn:aws:sqs:us-east-1:000000000000"  # of the queues, which are named by logical id


def local_functions(
    template: JsonObject, parameters: Mapping[str, str] | None = None
) -> dict[str, Function]:
    """Return the functions of the template by logical id.

    References to resources become their logical ids, and references to parameters their values.
    """
    values = parameter_values(template, parameters or {})
    return {
        name: _function(name, resource["Properties"], template, values)
        for name, resource in functions_of(template).items()
    }


def parameter_values(template: JsonObject, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the values of all parameters of the template, by name."""
    defaults = {
        name: str(parameter.get("Default", ""))
        for name, parameter in template["Parameters"].items()
    }
    return defaults | dict(parameters)


def _function(
    name: str, properties: JsonObject, template: JsonObject, values: Mapping[str, str]
) -> Function:
    environment = {
        variable: _resolve(value, values)
        for variable, value in environment_of(template, name).items()
    }
    return define_function(name, properties, environment, _queue_arn, values)


def _queue_arn(_event_name: str, event: JsonObject) -> str:
    return f"{ARN}:{event['Queue']['Fn::GetAtt'][0]}"


def _resolve(value: Any, values: Mapping[str, str]) -> str:
    if isinstance(value, dict) and "Ref" in value:
        return values.get(value["Ref"], value["Ref"])
    if isinstance(value, dict) and "Fn::Sub" in value:
        return re.sub(r"\$\{(.*?)\}", lambda match: match[1].rpartition(":")[2], value["Fn::Sub"])
    return str(value)
