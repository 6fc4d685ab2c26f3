"""The parts of the template that MiniStack cannot deploy, and how the suites change them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from infra.local.local_template import parameter_values
from infra.local.template import resources_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.local.template import JsonObject

METRIC_MATH: Final = "alarms on metric math are not supported"
CODE_DEPLOY: Final = "CodeDeploy is not supported; aliases switch at once"
# Resources that MiniStack cannot create, and why. A test fails when it can create one.
UNSUPPORTED: Final = {
    "ApiFunctionDeploymentGroup": CODE_DEPLOY,
    "Budget": "budgets are not supported in templates",
    "BulkQueueAge": METRIC_MATH,
    "BulkQueueStuck": METRIC_MATH,
    "DeadLetters": METRIC_MATH,
    "DocumentFunctionDeploymentGroup": CODE_DEPLOY,
    "DocumentQueueAge": METRIC_MATH,
    "DocumentQueueStuck": METRIC_MATH,
    "FailedTasks": METRIC_MATH,
    "ServerlessDeploymentApplication": CODE_DEPLOY,
    "TaskQueueStuck": METRIC_MATH,
    "WebhookQueueStuck": METRIC_MATH,
    "WorkerFunctionDeploymentGroup": CODE_DEPLOY,
}
# Policies that refuse plain HTTP. MiniStack has no certificate, and enforces them.
TLS_ONLY: Final = ("DocumentsOverTlsOnly", "QueuesOverTlsOnly")
MAPPING: Final = "AWS::Lambda::EventSourceMapping"
REST_API: Final = "AWS::ApiGateway::RestApi"
ANY_METHOD: Final = "x-amazon-apigateway-any-method"
ROLE: Final = "AWS::IAM::Role"
# Actions of IAM that allow another call on AWS, but not in MiniStack.
BATCHES: Final = {"sqs:SendMessage": "sqs:SendMessageBatch"}
METHODS: Final = ("get", "head", "post", "put", "patch", "delete")


def without(template: JsonObject, names: tuple[str, ...] | None = None) -> JsonObject:
    """Return the template without resources, by default the unsupported ones."""
    absent = set(UNSUPPORTED if names is None else names)
    kept = {name: part for name, part in template["Resources"].items() if name not in absent}
    return {**template, "Resources": _without_references(kept, absent)}


def _without_references(value: Any, absent: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without_references(inner, absent) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_references(inner, absent) for inner in value if not _is_to(inner, absent)]
    return value


def _is_to(value: Any, absent: set[str]) -> bool:
    """Whether a value is a reference, or one name of several that is a reference."""
    reference = value.get("Name", value) if isinstance(value, dict) else None
    return isinstance(reference, dict) and reference.get("Ref") in absent


def deployable(transformed: JsonObject, parameters: Mapping[str, str]) -> JsonObject:
    """Return a transformed template that MiniStack deploys with the same result as AWS."""
    template = without(copy.deepcopy(transformed))
    values = parameter_values(template, parameters)
    # MiniStack does not import a method for ANY.
    for gateway in resources_of(template, REST_API).values():
        for path in gateway["Properties"]["Body"]["paths"].values():
            operation = path.pop(ANY_METHOD, None)
            path |= {method: operation for method in METHODS if operation and method not in path}
    for role in resources_of(template, ROLE).values():
        for policy in role["Properties"].get("Policies", ()):
            for conditional in policy["PolicyDocument"]["Statement"]:
                statement = conditional.get("Fn::If", [None, conditional])[1]
                statement["Action"] = _with_batches(statement["Action"])
    # It leaves a number that is a parameter as text, and then fails to poll any queue.
    for mapping in resources_of(template, MAPPING).values():
        mapping["Properties"] = _with_numbers(mapping["Properties"], template, values)
    return template


def _with_batches(actions: str | list[str]) -> list[str]:
    named = [actions] if isinstance(actions, str) else actions
    return [*named, *(BATCHES[action] for action in named if action in BATCHES)]


def _with_numbers(value: Any, template: JsonObject, values: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        name = value.get("Ref")
        if (
            isinstance(name, str)
            and name in values
            and template["Parameters"][name]["Type"] == "Number"
        ):
            return int(values[name])
        return {key: _with_numbers(inner, template, values) for key, inner in value.items()}
    return [_with_numbers(v, template, values) for v in value] if isinstance(value, list) else value
