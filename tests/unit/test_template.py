"""The templates: relations between their numbers, permissions and alarms."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from functions.api.settings import Settings as ApiSettings
from functions.reaper.settings import Settings as ReaperSettings
from functions.webhooks.http_receiver import SECONDS
from functions.webhooks.outbox import MAX_THREADS, NEEDED
from functions.webhooks.settings import Settings as WebhookSettings
from functions.worker.document_processor import VISIBILITY_MARGIN
from functions.worker.document_reader import (
    BATCH,
    FINALIZE_SECONDS,
    HAND_OVER_SECONDS,
)
from functions.worker.settings import DEFAULT_MEMORY, DEFAULT_RETRIES, MOST_RETRIES, QUEUE_URLS
from functions.worker.settings import Settings as WorkerSettings
from infra.local.template import environment_of, functions_of, read_template, resources_of
from suggester.kinds import load_registry
from tasks.document_keys import MAX_LINES
from tasks.ports import SAFETY_MARGIN
from tasks.task import Lane, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TEMPLATE = read_template()
RESOURCES = TEMPLATE["Resources"]
NESTED = read_template(ROOT / RESOURCES["Alarms"]["Properties"]["TemplateURL"])
FUNCTIONS = functions_of(TEMPLATE)
PARAMETERS = TEMPLATE["Parameters"]
WORKERS = ("WorkerFunction", "DocumentFunction")
WORK_QUEUES = ("TaskQueue", "BulkQueue", "DocumentQueue")
# The longest questions: `complete` with a length of 32, and other filters in each line.
SECONDS_PER_LINE = 0.0022  # in docs/benchmarks.md
REGISTRY = load_registry(os.environ)  # with those that PIPELINES names
PIPELINES = [REGISTRY[kind] for kind in REGISTRY.kinds]
BASE_MEMORY = 512  # MB for Python, the model and a batch
PROCESSOR_MEMORY = 1769  # MB with which Lambda gives one processor
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


def largest(value: Any) -> int:
    """Return a number of the template, or the largest one that a parameter allows."""
    number: int = PARAMETERS[value["Ref"]]["MaxValue"] if isinstance(value, dict) else value
    return number


def queue_of(event: dict[str, Any]) -> dict[str, Any]:
    queue: dict[str, Any] = RESOURCES[event["Queue"]["Fn::GetAtt"][0]]["Properties"]
    return queue


def test_a_message_stays_invisible_for_six_timeouts_and_a_batching_window() -> None:
    """Lambda recommends this, so that it can retry a batch that it throttled."""
    assert len(queue_events()) == 5
    for function, event in queue_events():
        window = largest(event.get("MaximumBatchingWindowInSeconds", 0))
        assert queue_of(event)["VisibilityTimeout"] >= 6 * function["Timeout"] + window


def test_a_killed_worker_delays_drinks_by_95_seconds_and_documents_by_150_at_most() -> None:
    """A drink waits for the visibility timeout, a document for a shorter one that is set for it."""
    for name in ("TaskQueue", "BulkQueue"):
        assert RESOURCES[name]["Properties"]["VisibilityTimeout"] <= 95
    timeout = FUNCTIONS["DocumentFunction"]["Properties"]["Timeout"]
    assert timeout + VISIBILITY_MARGIN <= 150


def test_a_document_whose_worker_crashed_at_once_returns_before_its_deadline() -> None:
    """The worker had no time to shorten the visibility timeout."""
    visibility = RESOURCES["DocumentQueue"]["Properties"]["VisibilityTimeout"]
    assert visibility < PARAMETERS["DeadlineSeconds"]["Default"]


def test_the_worker_has_the_same_defaults_outside_lambda() -> None:
    """Receipts outside Lambda are computed with the default memory."""
    assert FUNCTIONS["WorkerFunction"]["Properties"]["MemorySize"] == {"Ref": "WorkerMemory"}
    assert PARAMETERS["WorkerMemory"]["Default"] == DEFAULT_MEMORY
    assert PARAMETERS["MaxRetries"]["Default"] == DEFAULT_RETRIES


def test_the_worker_accepts_every_number_of_retries_that_the_template_allows() -> None:
    assert PARAMETERS["MaxRetries"]["MaxValue"] == MOST_RETRIES


def test_a_batch_of_attempts_has_time_for_a_request_that_hangs() -> None:
    """All attempts of a batch are made at the same time, each with four calls of AWS or more."""
    properties = FUNCTIONS["WebhookFunction"]["Properties"]
    assert properties["Events"]["Deliveries"]["Properties"]["BatchSize"] == MAX_THREADS
    assert SECONDS + 2 * SAFETY_MARGIN <= NEEDED < properties["Timeout"]


def test_lambda_does_not_take_the_attempts_of_a_delivery_for_a_loop() -> None:
    """A message is sent again until it is due, by the function that received it."""
    assert FUNCTIONS["WebhookFunction"]["Properties"]["RecursiveLoop"] == "Allow"


def test_the_stream_passes_only_the_end_of_tasks_with_webhooks() -> None:
    """All other changes cost nothing."""
    event = FUNCTIONS["WebhookFunction"]["Properties"]["Events"]["Ended"]["Properties"]
    [rule] = event["FilterCriteria"]["Filters"]
    pattern = json.loads(rule["Pattern"])
    final = sorted(status for status in Status if status is not Status.PROCESSING)
    assert pattern["eventName"] == ["MODIFY"]
    assert pattern["dynamodb"]["OldImage"] == {"status": {"S": ["PROCESSING"]}}
    assert sorted(pattern["dynamodb"]["NewImage"]["status"]["S"]) == final
    assert pattern["dynamodb"]["NewImage"]["webhook"] == {"S": [{"exists": True}]}


def test_a_record_of_the_stream_that_fails_is_kept_for_an_operator() -> None:
    """The records behind it wait for three hours at most, and the stream keeps all for a day."""
    event = FUNCTIONS["WebhookFunction"]["Properties"]["Events"]["Ended"]["Properties"]
    assert event["BisectBatchOnFunctionError"] is True
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert event["MaximumRetryAttempts"] == 1_000
    assert event["MaximumRecordAgeInSeconds"] == 3 * 3_600
    destination = event["DestinationConfig"]["OnFailure"]
    assert destination == {"Type": "SQS", "Destination": {"Fn::GetAtt": ["UnreadableQueue", "Arn"]}}
    view = RESOURCES["TaskTable"]["Properties"]["StreamSpecification"]["StreamViewType"]
    assert view == "NEW_AND_OLD_IMAGES"


def test_both_workers_run_the_same_image() -> None:
    """Only their settings differ."""
    first, second = (FUNCTIONS[name] for name in WORKERS)
    assert first["Metadata"] == second["Metadata"]
    assert first["Properties"]["ImageConfig"] == second["Properties"]["ImageConfig"]


def test_each_worker_serves_the_queues_that_feed_it() -> None:
    """Its lanes and its event sources have the same queues, and no lane is without a worker."""
    served = []
    for name in WORKERS:
        environment = environment_of(TEMPLATE, name)
        lanes = [Lane(lane) for lane in environment["LANES"].split(",")]
        known = {environment[QUEUE_URLS[lane]]["Ref"] for lane in lanes}
        events = FUNCTIONS[name]["Properties"]["Events"].values()
        assert known == {event["Properties"]["Queue"]["Fn::GetAtt"][0] for event in events}
        served += lanes
    assert sorted(served) == sorted(Lane)


def test_all_functions_that_know_kinds_have_the_same_pipelines() -> None:
    """The API would otherwise accept kinds that no worker answers, or no webhook presents."""
    for name in ("ApiFunction", "WebhookFunction", *WORKERS):
        assert environment_of(TEMPLATE, name)["PIPELINES"] == {"Ref": "Pipelines"}


def test_the_workers_have_memory_for_the_pipelines() -> None:
    """Both load all of them; docs/model.md has the rule."""
    needed = BASE_MEMORY + sum(pipeline.memory for pipeline in PIPELINES)
    assert PARAMETERS["WorkerMemory"]["Default"] >= needed
    assert FUNCTIONS["DocumentFunction"]["Properties"]["MemorySize"] >= needed


def test_the_worker_has_time_for_a_batch_of_each_kind_and_of_all_kinds() -> None:
    """It starts a kind if the safety margin is left, on a part of a processor."""
    slower = PROCESSOR_MEMORY / PARAMETERS["WorkerMemory"]["Default"]
    seconds = [each.seconds * slower * PARAMETERS["BatchSize"]["Default"] for each in PIPELINES]
    assert max(seconds) <= SAFETY_MARGIN
    timeout = FUNCTIONS["WorkerFunction"]["Properties"]["Timeout"]
    assert sum(seconds) <= timeout - SAFETY_MARGIN


def test_the_document_worker_has_time_for_lines_of_all_kinds() -> None:
    """It starts a batch if the time to hand over is left, and needs half of it to do so."""
    function = FUNCTIONS["DocumentFunction"]["Properties"]
    assert function["MemorySize"] >= PROCESSOR_MEMORY
    seconds = sum(pipeline.seconds for pipeline in PIPELINES)
    assert BATCH * seconds <= HAND_OVER_SECONDS / 2
    assert MAX_LINES * seconds <= PARAMETERS["DeadlineSeconds"]["Default"]


def test_a_message_may_be_received_more_often_than_it_is_retried() -> None:
    """The worker ends a task before its message moves to the dead-letter queue."""
    for name in WORK_QUEUES:
        redrive = RESOURCES[name]["Properties"]["RedrivePolicy"]
        assert redrive["maxReceiveCount"] > MOST_RETRIES + 1
        assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}


def test_unreadable_messages_move_to_a_queue_without_a_function() -> None:
    """It keeps them for two weeks, the longest time that SQS allows."""
    redrive = RESOURCES["DeadLetterQueue"]["Properties"]["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["UnreadableQueue", "Arn"]}
    assert RESOURCES["UnreadableQueue"]["Properties"]["MessageRetentionPeriod"] == 14 * 86_400
    assert RESOURCES["UnreadableQueue"]["Properties"] not in [
        queue_of(event) for _, event in queue_events()
    ]


def test_messages_and_rows_outlive_every_deadline() -> None:
    """No parameter can make a message or a row expire before the deadline of its task."""
    parameters = TEMPLATE["Parameters"]
    longest = parameters["DeadlineSeconds"]["MaxValue"]
    for name in WORK_QUEUES:
        assert RESOURCES[name]["Properties"]["MessageRetentionPeriod"] > longest
    assert parameters["RetentionSeconds"]["MinValue"] > longest


@pytest.mark.parametrize("function", WORKERS)
def test_a_worker_has_more_time_than_its_safety_margin(function: str) -> None:
    """Otherwise it would never start to work."""
    assert FUNCTIONS[function]["Properties"]["Timeout"] > 2 * SAFETY_MARGIN


def test_the_largest_document_needs_four_hand_overs_at_most() -> None:
    """On a processor that is half as fast as the one in docs/benchmarks.md."""
    timeout = FUNCTIONS["DocumentFunction"]["Properties"]["Timeout"]
    slowest = MAX_LINES * 2 * SECONDS_PER_LINE
    assert slowest <= 5 * (timeout - HAND_OVER_SECONDS) - FINALIZE_SECONDS


def test_every_event_source_reports_failures_per_message_and_is_limited() -> None:
    """Otherwise one failure would redeliver a whole batch, and workers could use up the account."""
    for _, event in queue_events():
        assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert "MaximumConcurrency" in event["ScalingConfig"]


def test_interactive_tasks_are_batched_without_delay() -> None:
    """Bulk tasks have larger batches and a window."""
    events = FUNCTIONS["WorkerFunction"]["Properties"]["Events"]
    interactive, bulk = (events[name]["Properties"] for name in ("Interactive", "Bulk"))
    assert "MaximumBatchingWindowInSeconds" not in interactive
    assert bulk["MaximumBatchingWindowInSeconds"] == {"Ref": "BatchingWindow"}
    assert PARAMETERS["BatchingWindow"]["MinValue"] > 0
    assert bulk["BatchSize"] == {"Ref": "BatchSize"}
    assert PARAMETERS["BatchSize"]["MinValue"] >= interactive["BatchSize"]


def test_a_worker_processes_one_document_at_a_time() -> None:
    """A document may take all the time of an invocation."""
    events = FUNCTIONS["DocumentFunction"]["Properties"]["Events"]
    assert events["Documents"]["Properties"]["BatchSize"] == 1


@pytest.mark.parametrize(
    ("function", "settings"),
    [
        ("ApiFunction", ApiSettings),
        ("WorkerFunction", WorkerSettings),
        ("DocumentFunction", WorkerSettings),
        ("WebhookFunction", WebhookSettings),
        ("ReaperFunction", ReaperSettings),
    ],
)
def test_every_function_gets_its_settings(function: str, settings: Any) -> None:
    """The template sets each variable that the function reads."""
    environment = {
        name: value if isinstance(value, str) else "1000"
        for name, value in environment_of(TEMPLATE, function).items()
    }
    if "DEADLINE_SECONDS" in environment:
        environment |= {"DEADLINE_SECONDS": "900", "ALLOWED_ORIGINS": "https://bar.example"}
    if "MAX_RETRIES" in environment:
        environment["MAX_RETRIES"] = "3"
    assert settings.read(environment).table_name == "1000"


def test_the_outputs_name_the_usage_plan_and_the_first_key() -> None:
    """The command line for API keys reads them; CloudFormation owns the first key."""
    outputs = {name: TEMPLATE["Outputs"][name]["Value"] for name in ("UsagePlanId", "ApiKeyId")}
    joined = RESOURCES["UsagePlanKey"]["Properties"]
    assert outputs == {"UsagePlanId": joined["UsagePlanId"], "ApiKeyId": joined["KeyId"]}


def test_every_queue_refuses_plain_http() -> None:
    """The policy denies requests to each queue without TLS."""
    policy = RESOURCES["QueuesOverTlsOnly"]["Properties"]
    queues = resources_of(TEMPLATE, "AWS::SQS::Queue")
    assert {queue["Ref"] for queue in policy["Queues"]} == set(queues)
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert {arn["Fn::GetAtt"][0] for arn in statement["Resource"]} == set(queues)


def references(value: Any) -> Iterator[str]:
    """Yield the names to which a part of a template refers by `Ref`, `Sub` or `If`."""
    if isinstance(value, dict):
        if "Fn::If" in value:
            yield from references(TEMPLATE["Conditions"][value["Fn::If"][0]])
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
    """Yield the (namespace, metric, references in its dimensions) of an alarm."""
    if "Metrics" not in alarm:
        yield alarm["Namespace"], alarm["MetricName"], list(references(alarm["Dimensions"]))
        return
    for item in alarm["Metrics"]:
        if "MetricStat" in item:
            metric = item["MetricStat"]["Metric"]
            yield metric["Namespace"], metric["MetricName"], list(references(metric["Dimensions"]))


def dashboard() -> list[dict[str, Any]]:
    """Return the properties of the dashboard's widgets, with 1 for each reference."""
    body = NESTED["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[A-Za-z0-9:]+\}", "1", body))["widgets"]
    return [widget["properties"] for widget in widgets]


def test_queues_functions_and_gateway_have_alarms() -> None:
    """The metrics that alarms watch."""
    watched = {
        (metric, *dimensions)
        for alarm in ALARMS.values()
        for _, metric, dimensions in metrics_of(alarm)
    }
    assert watched == {
        ("ApproximateAgeOfOldestMessage", "TaskQueueName"),
        ("ApproximateAgeOfOldestMessage", "BulkQueueName"),
        ("ApproximateAgeOfOldestMessage", "DocumentQueueName"),
        ("ApproximateAgeOfOldestMessage", "WebhookQueueName"),
        ("IteratorAge", "WebhookFunctionName"),
        ("Errors", "WebhookFunctionName"),
        ("Throttles", "WebhookFunctionName"),
        ("ApproximateNumberOfMessagesVisible", "DeadLetterQueueName"),
        ("ApproximateNumberOfMessagesNotVisible", "DeadLetterQueueName"),
        ("ApproximateNumberOfMessagesVisible", "UnreadableQueueName"),
        ("Errors", "ApiFunction"),
        ("Errors", "WorkerFunction"),
        ("Errors", "DocumentFunction"),
        ("Errors", "ReaperFunctionName"),
        ("Throttles", "ApiFunctionName"),
        ("Throttles", "WorkerFunctionName"),
        ("Throttles", "DocumentFunctionName"),
        ("Throttles", "ReaperFunctionName"),
        ("NumberOfMessagesReceived", "TaskQueueName"),
        ("NumberOfMessagesDeleted", "TaskQueueName"),
        ("NumberOfMessagesReceived", "BulkQueueName"),
        ("NumberOfMessagesDeleted", "BulkQueueName"),
        ("NumberOfMessagesReceived", "DocumentQueueName"),
        ("NumberOfMessagesDeleted", "DocumentQueueName"),
        ("NumberOfMessagesReceived", "WebhookQueueName"),
        ("NumberOfMessagesDeleted", "WebhookQueueName"),
        ("Failure-sender-lost", "Service"),
        ("Failure-worker-lost", "Service"),
        ("RecursiveInvocationsDropped", "DocumentFunctionName"),
        ("Failure-prediction-failed", "AWS::StackName"),
        ("Failure-max-retries-exceeded", "AWS::StackName"),
        ("Success", "AWS::StackName"),
        ("Duration", "WorkerFunctionName"),
        ("Duration", "DocumentFunctionName"),
        ("5XXError", "AWS::StackName", "Stage"),
    }


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_notifies_the_topic_and_ignores_missing_data(name: str) -> None:
    """A service without traffic raises no alarm; without a topic an alarm has no action."""
    alarm = ALARMS[name]
    assert alarm["TreatMissingData"] == "notBreaching"
    topic = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert alarm["AlarmActions"] == topic
    assert alarm["AlarmDescription"]


@pytest.mark.parametrize("name", ALARMS)
def test_the_runbook_explains_every_alarm(name: str) -> None:
    """An operator can search the runbook for the name of an alarm."""
    assert f"`{name}`" in (ROOT / "docs/operating.md").read_text("utf-8")


def test_the_nested_stack_gets_its_parameters() -> None:
    """Every parameter is passed, and no other."""
    given = RESOURCES["Alarms"]["Properties"]["Parameters"]
    assert set(given) == set(NESTED["Parameters"])
    for queue in resources_of(TEMPLATE, "AWS::SQS::Queue"):
        assert given[f"{queue}Name"] == {"Fn::GetAtt": [queue, "QueueName"]}
    for function in FUNCTIONS:
        assert given[f"{function}Name"] == {"Ref": function}
    # The name of the gateway is a dimension of its metrics.
    assert given["Service"] == RESOURCES["Gateway"]["Properties"]["Name"]


def test_the_thresholds_of_alarms_fit_the_template() -> None:
    """A duration is just below the timeout; an age is above the delay by one lost worker."""
    for function, alarm in zip(WORKERS, ("WorkerDuration", "DocumentDuration"), strict=True):
        timeout = FUNCTIONS[function]["Properties"]["Timeout"]
        assert ALARMS[alarm]["Threshold"] == (timeout - 1) * 1000
    visibility = RESOURCES["TaskQueue"]["Properties"]["VisibilityTimeout"]
    assert ALARMS["TaskQueueAge"]["Threshold"] > visibility


def test_dead_letters_in_flight_are_counted() -> None:
    """The reaper keeps receiving messages that it cannot read, so they are rarely visible."""
    [expression] = [m["Expression"] for m in ALARMS["DeadLetters"]["Metrics"] if "Expression" in m]
    assert expression == "visible + in_flight"
    assert ALARMS["DeadLetters"]["Threshold"] == 0


def test_the_dashboard_shows_every_metric() -> None:
    """It has every metric of an alarm, and every metric that the worker and the reaper emit."""
    metrics = [metric for widget in dashboard() for metric in widget["metrics"]]
    metrics = [metric for metric in metrics if len(metric) > 1]  # the others are expressions
    shown = {(m[0], m[1]) for m in metrics}
    own = {"QueueTime", "ComputeTime", "BatchSize", "Success", "Failure", "Retry", "ColdStart"}
    own |= {"Failure-prediction-failed", "Failure-max-retries-exceeded"}
    lost = {"Failure-worker-lost", "Failure-sender-lost"}
    assert {metric for namespace, metric in shown if namespace == "Barback"} == own | lost
    watched = {(n, m) for alarm in ALARMS.values() for n, m, _ in metrics_of(alarm)}
    assert watched <= shown
    for metric in (m for m in metrics if m[0] == "Barback"):
        service = "reaper" if metric[1] in lost else "worker"
        assert metric[2:4] == ["service", f"1-{service}"]  # 1 replaces the name of the stack


def test_the_dashboard_finds_the_metrics_of_each_kind() -> None:
    """Those with the dimensions `kind` and `service`; no alarm watches them."""
    metrics = [metric for widget in dashboard() for metric in widget["metrics"]]
    [expression] = [metric[0]["expression"] for metric in metrics if len(metric) == 1]
    assert "{Barback,kind,service}" in expression
    assert 'service="1-worker" MetricName=("Success" OR "Failure")' in expression


def test_every_role_may_send_traces_if_tracing_is_on() -> None:
    """In the role itself: a function must not start before it may send them."""
    policy = "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"
    for role in resources_of(TEMPLATE, "AWS::IAM::Role").values():
        arns = {"Fn::If": ["IsTraced", [{"Fn::Sub": policy}], {"Ref": "AWS::NoValue"}]}
        assert role["Properties"]["ManagedPolicyArns"] == arns


def test_features_with_a_cost_are_off_by_default() -> None:
    """Tracing, access logs, notifications and gradual deployments are opt-in."""
    defaults = {
        name: parameter.get("Default") for name, parameter in TEMPLATE["Parameters"].items()
    }
    assert defaults["Tracing"] == "PassThrough"
    assert defaults["AccessLogs"] == "false"
    assert defaults["AlarmTopicArn"] == ""
    assert defaults["DeploymentPreference"] == "AllAtOnce"


def test_a_stack_whose_webhooks_are_off_pays_nothing_for_them() -> None:
    """Its queue is not polled, and it has no alarms for them. The rest is free while it is idle."""
    assert PARAMETERS["Webhooks"]["Default"] == "true"
    assert TEMPLATE["Conditions"]["HasWebhooks"] == {"Fn::Equals": [{"Ref": "Webhooks"}, "true"]}
    events = FUNCTIONS["WebhookFunction"]["Properties"]["Events"].values()
    enabled = [event["Properties"]["Enabled"] for event in events]
    assert enabled == [{"Fn::If": ["HasWebhooks", True, False]}] * 2
    assert environment_of(TEMPLATE, "ApiFunction")["WEBHOOKS"] == {"Ref": "Webhooks"}
    alarms = resources_of(NESTED, ALARM)
    conditional = {name for name, alarm in alarms.items() if "Condition" in alarm}
    names = {"WebhookQueueName", "WebhookFunctionName"}
    about = {name for name, alarm in alarms.items() if names & set(references(alarm))}
    assert conditional == about | {"LostAttempts"}
    assert {alarms[name]["Condition"] for name in conditional} == {"HasWebhooks"}


def test_access_logs_contain_no_drinks() -> None:
    """Drinks are in the query and the body; neither is logged."""
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
    ("function", "crashes", "failures"),
    [
        ("ApiFunction", "ApiErrors", "ApiFailures"),
        ("WorkerFunction", "WorkerErrors", "FailedTasks"),
        ("DocumentFunction", "DocumentErrors", "FailedTasks"),
    ],
)
def test_a_gradual_deployment_rolls_back_on_crashes_and_failures(
    function: str, crashes: str, failures: str
) -> None:
    """Requests and batches go to an alias, which CodeDeploy shifts step by step."""
    properties = FUNCTIONS[function]["Properties"]
    assert properties["AutoPublishAlias"] == "live"
    preference = properties["DeploymentPreference"]
    assert preference["Type"] == {"Ref": "DeploymentPreference"}
    assert preference["Alarms"] == [{"Ref": crashes}, {"Ref": failures}]
    assert list(references(RESOURCES[crashes]["Properties"]["Dimensions"])) == [function]
    enabled = ["GradualDeployment", {"Ref": "DeploymentPreference"}, "Enabled"]
    assert preference["Enabled"] == {"Fn::FindInMap": enabled}


def test_only_gradual_deployments_need_code_deploy() -> None:
    """Every allowed preference is in the mapping, and AllAtOnce disables CodeDeploy."""
    gradual = TEMPLATE["Mappings"]["GradualDeployment"]
    assert set(gradual) == set(TEMPLATE["Parameters"]["DeploymentPreference"]["AllowedValues"])
    assert {kind for kind, says in gradual.items() if says["Enabled"] == "false"} == {"AllAtOnce"}


@pytest.mark.parametrize("function", ["ApiFunction", *WORKERS])
def test_a_changed_parameter_creates_a_version(function: str) -> None:
    """The transform does not see parameter values, so the version description contains them."""
    properties = FUNCTIONS[function]["Properties"]
    # A reservation belongs to the function, not to its versions.
    of_versions = {
        "VersionDescription",
        "DeploymentPreference",
        "Events",
        "ReservedConcurrentExecutions",
    }
    own = {key: value for key, value in properties.items() if key not in of_versions}
    used = set(references(own)) | set(references(TEMPLATE["Globals"]["Function"]))
    description = properties["VersionDescription"]
    assert set(references(description)) == used & set(TEMPLATE["Parameters"])
    assert properties["AutoPublishAliasAllProperties"] is True


@pytest.mark.parametrize("function", ["ApiFunction", *WORKERS])
def test_a_version_description_fits(function: str) -> None:
    """Lambda allows 256 characters, and the longest values of all parameters fit."""
    description = FUNCTIONS[function]["Properties"]["VersionDescription"]["Fn::Sub"]
    for name, parameter in TEMPLATE["Parameters"].items():
        values = [str(parameter.get("MaxValue", "")), *map(str, parameter.get("AllowedValues", []))]
        longest = max([len(value) for value in values] + [parameter.get("MaxLength", 0)])
        description = description.replace(f"${{{name}}}", "x" * longest)
    assert "$" not in description
    assert len(description) <= 256


def test_a_waiting_request_ends_before_the_gateway_times_out() -> None:
    """After the wait there may be two AWS calls of up to 4 s each."""
    longest = TEMPLATE["Parameters"]["LongestWaitSeconds"]["MaxValue"]
    assert longest + 2 * 4 < FUNCTIONS["ApiFunction"]["Properties"]["Timeout"] <= 29


def test_a_changed_layer_creates_a_version() -> None:
    """A new model reaches the API function even if nothing else has changed."""
    for layer in resources_of(TEMPLATE, "AWS::Serverless::LayerVersion").values():
        assert layer["Properties"]["PublishLambdaVersion"] is True


def test_the_reasons_in_the_checkov_settings_hold() -> None:
    """AWS-owned keys, no secrets in variables, and no asynchronous invocation."""
    for queue in resources_of(TEMPLATE, "AWS::SQS::Queue").values():
        assert queue["Properties"]["SqsManagedSseEnabled"] is True
    assert "SSESpecification" not in RESOURCES["TaskTable"]["Properties"]
    for name, function in FUNCTIONS.items():
        types = {event["Type"] for event in function["Properties"]["Events"].values()}
        assert types == {"Api"} or types <= {"SQS", "DynamoDB"}
        assert not any("SECRET" in v or "PASSWORD" in v for v in environment_of(TEMPLATE, name))
