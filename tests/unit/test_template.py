"""The relations that the template's numbers keep, and what it grants."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.worker import batch
from infra.local.template import environment_of, read_template, resources_of
from tasks.settings import Settings

TEMPLATE = read_template()
RESOURCES = TEMPLATE["Resources"]
FUNCTIONS = resources_of(TEMPLATE, "AWS::Serverless::Function")
WORK_QUEUES = ("TaskQueue", "BulkQueue")


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
    assert len(queue_events()) == 3
    for function, event in queue_events():
        assert queue_of(event)["VisibilityTimeout"] >= 6 * function["Timeout"]


def test_a_killed_worker_s_tasks_wait_no_longer_than_a_minute_and_a_half() -> None:
    """Both times are short, since what was in flight waits for the visibility timeout."""
    assert FUNCTIONS["WorkerFunction"]["Properties"]["Timeout"] == 15
    for name in WORK_QUEUES:
        assert RESOURCES[name]["Properties"]["VisibilityTimeout"] == 90


def test_a_message_may_be_received_more_often_than_it_is_retried() -> None:
    """The worker's own verdict comes before the dead-letter queue."""
    for name in WORK_QUEUES:
        redrive = RESOURCES[name]["Properties"]["RedrivePolicy"]
        assert redrive["maxReceiveCount"] > batch.MAX_RETRIES + 1
        assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}


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
        event["Properties"]["Path"]: event["Properties"].get("Auth", {}).get("ApiKeyRequired", True)
        for event in events
    }
    assert RESOURCES["Gateway"]["Properties"]["Auth"]["ApiKeyRequired"] is True
    assert {path for path, needed in needs_key.items() if not needed} == {
        "/",
        "/page/{proxy+}",
        "/docs",
        "/docs/{proxy+}",
        "/openapi.json",
        "/api/health",
    }
    assert needs_key["/api/{proxy+}"] is True


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
            "dynamodb:UpdateItem",
            "sqs:SendMessage",
        },
        "WorkerRole": {"dynamodb:UpdateItem", "sqs:ChangeMessageVisibility", *take},
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
