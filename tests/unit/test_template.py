"""The relations that the templates' numbers keep, what they grant and what they watch."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from functions.worker import batch, dependencies
from infra.local.template import environment_of, read_template, resources_of
from tasks.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TEMPLATE = read_template()
RESOURCES = TEMPLATE["Resources"]
NESTED = read_template(ROOT / RESOURCES["Alarms"]["Properties"]["TemplateURL"])
FUNCTIONS = resources_of(TEMPLATE, "AWS::Serverless::Function")
WORK_QUEUES = ("TaskQueue", "BulkQueue", "DocumentQueue")
ALARM = "AWS::CloudWatch::Alarm"
ALARMS = {
    name: alarm["Properties"]
    for template in (TEMPLATE, NESTED)
    for name, alarm in resources_of(template, ALARM).items()
}


def queue_events() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return (function, event) properties of each event source that is a queue."""
    return [
        (function["Properties"], event["Properties"])
        for function in FUNCTIONS.values()
        for event in function["Properties"]["Events"].values()
        if event["Type"] == "SQS"
    ]


def queue_of(event: dict[str, Any]) -> dict[str, Any]:
    queue: dict[str, Any] = RESOURCES[event["Queue"]["Fn::GetAtt"][0]]["Properties"]
    return queue


def test_a_message_stays_hidden_for_six_timeouts() -> None:
    """Lambda may retry a batch that it throttled: the visibility timeout leaves it the time."""
    assert len(queue_events()) == 4
    for function, event in queue_events():
        assert queue_of(event)["VisibilityTimeout"] >= 6 * function["Timeout"]


def test_a_killed_worker_s_tasks_wait_no_longer_than_a_minute_and_a_half() -> None:
    """Both times are short, since what was in flight waits for the visibility timeout."""
    assert FUNCTIONS["WorkerFunction"]["Properties"]["Timeout"] == 15
    for name in WORK_QUEUES:
        assert RESOURCES[name]["Properties"]["VisibilityTimeout"] == 90


def test_the_worker_knows_what_memory_it_has() -> None:
    """What it assumes where no Lambda tells it is what the template gives it."""
    assert FUNCTIONS["WorkerFunction"]["Properties"]["MemorySize"] == dependencies.MEMORY


def test_a_message_may_be_received_more_often_than_it_is_retried() -> None:
    """The worker's own verdict comes before the dead-letter queue."""
    for name in WORK_QUEUES:
        redrive = RESOURCES[name]["Properties"]["RedrivePolicy"]
        assert redrive["maxReceiveCount"] > batch.MAX_RETRIES + 1
        assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}


def test_what_nobody_reads_waits_where_nobody_takes_it() -> None:
    """Behind the dead letters is a queue without a function, which keeps messages for two weeks."""
    redrive = RESOURCES["DeadLetterQueue"]["Properties"]["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["UnreadableQueue", "Arn"]}
    assert RESOURCES["UnreadableQueue"]["Properties"]["MessageRetentionPeriod"] == 14 * 86_400
    assert "UnreadableQueue" not in json.dumps(FUNCTIONS)


def test_messages_and_rows_outlive_every_deadline() -> None:
    """No parameter can make a task's message or row go before its deadline."""
    parameters = TEMPLATE["Parameters"]
    longest = parameters["DeadlineSeconds"]["MaxValue"]
    for name in WORK_QUEUES:
        assert RESOURCES[name]["Properties"]["MessageRetentionPeriod"] > longest
    assert parameters["RetentionSeconds"]["MinValue"] > longest


def test_the_time_guard_is_within_the_timeout() -> None:
    """A worker that has just started has time to work."""
    assert FUNCTIONS["WorkerFunction"]["Properties"]["Timeout"] > 2 * batch.TIME_GUARD


def test_every_queue_function_reports_failures_one_by_one() -> None:
    """Without this, one failure would bring a whole batch again; concurrency has a limit."""
    for _, event in queue_events():
        assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert "MaximumConcurrency" in event["ScalingConfig"]


def test_the_queues_are_fed_as_their_names_say() -> None:
    """Interactive work comes in small batches at once, bulk work in large ones."""
    events = FUNCTIONS["WorkerFunction"]["Properties"]["Events"]
    interactive, bulk = (events[name]["Properties"] for name in ("Interactive", "Bulk"))
    assert (interactive["BatchSize"], "MaximumBatchingWindowInSeconds" in interactive) == (
        10,
        False,
    )
    assert (bulk["BatchSize"], bulk["MaximumBatchingWindowInSeconds"]) == (100, 1)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_told_what_its_settings_need(function: str) -> None:
    """The template sets each variable that the code reads."""
    environment = dict.fromkeys(environment_of(TEMPLATE, function), "1000")
    assert Settings.read(environment | {"DEADLINE_SECONDS": "900"}).table_name == "1000"


def test_only_the_page_the_docs_and_health_are_open() -> None:
    """Every other path needs a key."""
    events = FUNCTIONS["ApiFunction"]["Properties"]["Events"].values()
    needs_key = {
        f"{event['Properties']['Method']} {event['Properties']['Path']}": event["Properties"]
        .get("Auth", {})
        .get("ApiKeyRequired", True)
        for event in events
    }
    assert RESOURCES["Gateway"]["Properties"]["Auth"]["ApiKeyRequired"] is True
    assert {path for path, needed in needs_key.items() if not needed} == {
        "GET /",
        "GET /page/{proxy+}",
        "GET /docs",
        "GET /docs/{proxy+}",
        "GET /openapi.json",
        "GET /api/health",
        "OPTIONS /api/{proxy+}",
    }
    assert needs_key["ANY /api/{proxy+}"] is True


def test_the_gateway_s_own_refusals_are_problems() -> None:
    """Each has a type, and its status twice; those that pass say when to come again."""
    responses = RESOURCES["Gateway"]["Properties"]["GatewayResponses"]
    assert {"INVALID_API_KEY", "THROTTLED", "REQUEST_TOO_LARGE", "DEFAULT_5XX"} <= set(responses)
    for response in responses.values():
        problem = json.loads(response["ResponseTemplates"]["application/json"])
        headers = response["ResponseParameters"]["Headers"]
        assert problem["type"].startswith("urn:barback:problem:")
        assert problem["status"] == response["StatusCode"]
        assert headers["Content-Type"] == "'application/problem+json'"
        assert ("Retry-After" in headers) == (response["StatusCode"] in (429, 503))


def test_each_function_may_make_the_calls_that_it_makes() -> None:
    """The grants of the three roles, action by action; none of them on everything."""
    granted = {}
    for name, role in resources_of(TEMPLATE, "AWS::IAM::Role").items():
        [policy] = role["Properties"]["Policies"]
        statements = policy["PolicyDocument"]["Statement"]
        assert all(statement["Resource"] != "*" for statement in statements)
        actions = [
            a
            for s in statements
            for a in (s["Action"] if isinstance(s["Action"], list) else [s["Action"]])
        ]
        granted[name] = {action for action in actions if not action.startswith("logs:")}
    take = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    assert granted == {
        "ApiRole": {
            "dynamodb:PutItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:UpdateItem",
            "sqs:SendMessage",
            "sqs:GetQueueAttributes",
            "s3:PutObject",
            "s3:GetObject",
        },
        "WorkerRole": {
            "dynamodb:UpdateItem",
            "dynamodb:GetItem",
            "sqs:ChangeMessageVisibility",
            "sqs:SendMessage",
            "s3:GetObject",
            "s3:PutObject",
            "s3:ListBucket",
            *take,
        },
        "ReaperRole": {"dynamodb:UpdateItem", *take},
    }


def test_every_queue_refuses_plain_http() -> None:
    """The policy denies each queue to whoever comes without TLS."""
    policy = RESOURCES["QueuesOverTlsOnly"]["Properties"]
    queues = resources_of(TEMPLATE, "AWS::SQS::Queue")
    assert {queue["Ref"] for queue in policy["Queues"]} == set(queues)
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert {arn["Fn::GetAtt"][0] for arn in statement["Resource"]} == set(queues)


def references(value: Any) -> Iterator[str]:
    """Yield what a part of a template refers to, by `Ref` or within a `Sub`."""
    if isinstance(value, dict):
        if "Ref" in value:
            yield value["Ref"]
        if isinstance(text := value.get("Fn::Sub"), str):
            yield from re.findall(r"\$\{([A-Za-z0-9:]+)\}", text)
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def metrics_of(alarm: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each (namespace, metric, what its dimensions refer to) that an alarm looks at."""
    if "Metrics" not in alarm:
        yield alarm["Namespace"], alarm["MetricName"], list(references(alarm["Dimensions"]))
        return
    for item in alarm["Metrics"]:
        if "MetricStat" in item:
            metric = item["MetricStat"]["Metric"]
            yield metric["Namespace"], metric["MetricName"], list(references(metric["Dimensions"]))


def dashboard() -> list[dict[str, Any]]:
    """Return the properties of the dashboard's widgets, with a number for each reference."""
    body = NESTED["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[A-Za-z0-9:]+\}", "1", body))["widgets"]
    return [widget["properties"] for widget in widgets]


def test_the_alarms_watch_what_can_go_wrong() -> None:
    """Each queue, each function and the gateway have the alarms that the runbook explains."""
    watched = {
        (metric, *dimensions)
        for alarm in ALARMS.values()
        for _, metric, dimensions in metrics_of(alarm)
    }
    assert watched == {
        ("ApproximateAgeOfOldestMessage", "TaskQueueName"),
        ("ApproximateAgeOfOldestMessage", "BulkQueueName"),
        ("ApproximateAgeOfOldestMessage", "DocumentQueueName"),
        ("ApproximateNumberOfMessagesVisible", "DeadLetterQueueName"),
        ("ApproximateNumberOfMessagesNotVisible", "DeadLetterQueueName"),
        ("ApproximateNumberOfMessagesVisible", "UnreadableQueueName"),
        ("Errors", "ApiFunction"),
        ("Errors", "WorkerFunction"),
        ("Errors", "ReaperFunctionName"),
        ("Throttles", "ApiFunctionName"),
        ("Throttles", "WorkerFunctionName"),
        ("Throttles", "ReaperFunctionName"),
        ("Duration", "WorkerFunctionName"),
        ("5XXError", "Service", "Stage"),
    }


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_tells_the_topic_and_is_quiet_without_data(name: str) -> None:
    """A service that nobody uses raises no alarm; without a topic an alarm has no action."""
    alarm = ALARMS[name]
    assert alarm["TreatMissingData"] == "notBreaching"
    topic = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert alarm["AlarmActions"] == topic
    assert alarm["AlarmDescription"]


@pytest.mark.parametrize("name", ALARMS)
def test_the_runbook_explains_every_alarm(name: str) -> None:
    """Whoever is told of an alarm finds it by its name."""
    assert f"`{name}`" in (ROOT / "docs/operating.md").read_text("utf-8")


def test_the_nested_stack_is_given_what_it_asks_for() -> None:
    """Each parameter without a default is given, and none that does not exist."""
    given = RESOURCES["Alarms"]["Properties"]["Parameters"]
    assert set(given) == set(NESTED["Parameters"])
    for queue in ("TaskQueue", "BulkQueue", "DocumentQueue", "DeadLetterQueue", "UnreadableQueue"):
        assert given[f"{queue}Name"] == {"Fn::GetAtt": [queue, "QueueName"]}
    for function in FUNCTIONS:
        assert given[f"{function}Name"] == {"Ref": function}
    # The gateway's metrics are found by its name.
    assert given["Service"] == RESOURCES["Gateway"]["Properties"]["Name"]


def test_the_alarms_numbers_follow_the_template_s() -> None:
    """Nearly the worker's timeout; older than one lost worker makes a message."""
    timeout = FUNCTIONS["WorkerFunction"]["Properties"]["Timeout"]
    assert ALARMS["WorkerDuration"]["Threshold"] == (timeout - 1) * 1000
    visibility = RESOURCES["TaskQueue"]["Properties"]["VisibilityTimeout"]
    assert ALARMS["TaskQueueAge"]["Threshold"] > visibility


def test_dead_letters_count_in_flight_too() -> None:
    """The reaper keeps receiving what it cannot read, so such a message is seldom visible."""
    [expression] = [m["Expression"] for m in ALARMS["DeadLetters"]["Metrics"] if "Expression" in m]
    assert expression == "visible + flying"
    assert ALARMS["DeadLetters"]["Threshold"] == 0


def test_the_dashboard_shows_queues_functions_and_the_worker_s_own_metrics() -> None:
    """It is JSON, with every metric that an alarm looks at and every one that the worker makes."""
    widgets = dashboard()
    shown = {(m[0], m[1]) for widget in widgets for m in widget["metrics"]}
    own = {"QueueTime", "ComputeTime", "BatchSize", "Success", "Failure", "Retry", "ColdStart"}
    assert {metric for namespace, metric in shown if namespace == "Barback"} == own
    watched = {(n, m) for alarm in ALARMS.values() for n, m, _ in metrics_of(alarm)}
    assert watched <= shown
    for metric in (m for widget in widgets for m in widget["metrics"] if m[0] == "Barback"):
        assert metric[2:4] == ["service", "1-worker"]  # 1 is the stack's name here


def test_only_traces_may_be_sent_to_everything_and_only_when_there_are_any() -> None:
    """X-Ray knows no resources; no other grant, in a role or beside it, is on everything."""
    [(name, policy)] = resources_of(TEMPLATE, "AWS::IAM::Policy").items()
    assert (name, policy["Condition"]) == ("SendTraces", "IsTraced")
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == "*"
    assert set(statement["Action"]) == {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    roles = resources_of(TEMPLATE, "AWS::IAM::Role")
    assert {role["Ref"] for role in policy["Properties"]["Roles"]} == set(roles)


def test_what_costs_or_changes_much_is_off_by_default() -> None:
    """Tracing, access logs, alarms that tell and gradual deployments are asked for."""
    defaults = {
        name: parameter.get("Default") for name, parameter in TEMPLATE["Parameters"].items()
    }
    assert defaults["Tracing"] == "PassThrough"
    assert defaults["AccessLogs"] == "false"
    assert defaults["AlarmTopicArn"] == ""
    assert defaults["DeploymentPreference"] == "AllAtOnce"


def test_access_logs_hold_no_drinks() -> None:
    """Drinks are in the query and in the body; the log has neither."""
    setting = RESOURCES["Gateway"]["Properties"]["AccessLogSetting"]["Fn::If"][1]
    fields = set(json.loads(setting["Format"]).values())
    assert fields == {
        "$context.requestId",
        "$context.requestTime",
        "$context.identity.apiKeyId",
        "$context.identity.sourceIp",
        "$context.httpMethod",
        "$context.path",
        "$context.status",
        "$context.responseLatency",
    }


@pytest.mark.parametrize(
    ("function", "alarm"), [("ApiFunction", "ApiErrors"), ("WorkerFunction", "WorkerErrors")]
)
def test_a_gradual_deployment_goes_back_on_errors(function: str, alarm: str) -> None:
    """Callers and queues reach an alias, which CodeDeploy moves, unless all moves at once."""
    properties = FUNCTIONS[function]["Properties"]
    assert properties["AutoPublishAlias"] == "live"
    preference = properties["DeploymentPreference"]
    assert preference["Type"] == {"Ref": "DeploymentPreference"}
    assert preference["Alarms"] == [{"Ref": alarm}]
    assert list(references(RESOURCES[alarm]["Properties"]["Dimensions"])) == [function]
    enabled = ["GradualDeployment", {"Ref": "DeploymentPreference"}, "Enabled"]
    assert preference["Enabled"] == {"Fn::FindInMap": enabled}


def test_code_deploy_is_made_for_gradual_deployments_only() -> None:
    """Every way to deploy says whether it needs CodeDeploy, and all at once does not."""
    gradual = TEMPLATE["Mappings"]["GradualDeployment"]
    assert set(gradual) == set(TEMPLATE["Parameters"]["DeploymentPreference"]["AllowedValues"])
    assert {kind for kind, says in gradual.items() if says["Enabled"] == "false"} == {"AllAtOnce"}


@pytest.mark.parametrize("function", ["ApiFunction", "WorkerFunction"])
def test_a_changed_parameter_becomes_a_version(function: str) -> None:
    """The transform sees no values of parameters: a version's description names each of them."""
    properties = FUNCTIONS[function]["Properties"]
    of_versions = {"VersionDescription", "DeploymentPreference", "Events"}
    own = {key: value for key, value in properties.items() if key not in of_versions}
    used = set(references(own)) | set(references(TEMPLATE["Globals"]["Function"]))
    description = properties["VersionDescription"]
    assert set(references(description)) == used & set(TEMPLATE["Parameters"])
    assert properties["AutoPublishAliasAllProperties"] is True


@pytest.mark.parametrize("function", ["ApiFunction", "WorkerFunction"])
def test_a_version_s_description_fits(function: str) -> None:
    """Lambda takes 256 letters, whatever the parameters are."""
    description = FUNCTIONS[function]["Properties"]["VersionDescription"]["Fn::Sub"]
    for name, parameter in TEMPLATE["Parameters"].items():
        values = [str(parameter.get("MaxValue", "")), *map(str, parameter.get("AllowedValues", []))]
        longest = max([len(value) for value in values] + [parameter.get("MaxLength", 0)])
        description = description.replace(f"${{{name}}}", "x" * longest)
    assert "$" not in description
    assert len(description) <= 256


def test_a_request_that_waits_ends_before_the_gateway_gives_up() -> None:
    """What comes after the wait may take two calls of AWS, each with its retry."""
    longest = TEMPLATE["Parameters"]["LongestWaitSeconds"]["MaxValue"]
    assert longest + 2 * 4 < FUNCTIONS["ApiFunction"]["Properties"]["Timeout"] <= 29


def test_a_changed_layer_becomes_a_version() -> None:
    """An own model reaches the API function, though nothing else of it has changed."""
    for layer in resources_of(TEMPLATE, "AWS::Serverless::LayerVersion").values():
        assert layer["Properties"]["PublishLambdaVersion"] is True


def test_what_the_security_check_is_told_is_true() -> None:
    """The reasons in .checkov.yaml: own keys of AWS, no secrets, no asynchronous invocation."""
    for queue in resources_of(TEMPLATE, "AWS::SQS::Queue").values():
        assert queue["Properties"]["SqsManagedSseEnabled"] is True
    assert RESOURCES["TaskTable"]["Properties"]["SSESpecification"] == {"SSEEnabled": True}
    for name, function in FUNCTIONS.items():
        assert {e["Type"] for e in function["Properties"]["Events"].values()} in ({"Api"}, {"SQS"})
        assert not any("SECRET" in v or "PASSWORD" in v for v in environment_of(TEMPLATE, name))
