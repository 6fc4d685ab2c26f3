"""Everything that an account contains."""

from __future__ import annotations

from typing import Any, Final

import boto3

# The service, the operation that lists, the key of the list, and the field that names an item.
LISTS: Final = (
    ("apigateway", "get_api_keys", "items", "id"),
    ("apigateway", "get_rest_apis", "items", "id"),
    ("apigateway", "get_usage_plans", "items", "id"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("iam", "list_policies", "Policies", "PolicyName"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_layers", "Layers", "LatestMatchingVersion"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("sqs", "list_queues", "QueueUrls", None),
)


def content() -> set[tuple[str, str]]:
    """Return the operation that lists it, and the name, of everything in the account."""
    found = set()
    for service, operation, key, field in LISTS:
        client: Any = boto3.client(service)  # type: ignore[call-overload]
        scope = {"Scope": "Local"} if operation == "list_policies" else {}
        for item in getattr(client, operation)(**scope).get(key, ()):
            name = item[field] if field else item
            found.add((operation, name if isinstance(name, str) else name["LayerVersionArn"]))
    return found
