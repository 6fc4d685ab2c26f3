"""The permissions of each function, compared with the AWS calls that its code makes."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from infra.local.definitions import Function
from infra.local.template import (
    environment_of,
    first_choice,
    handler_of,
    queue_events,
    read_template,
    resources_of,
)
from tasks.webhooks.delivery import DELAYS
from tasks.webhooks.messages import DeliveryMessage
from tests.conftest import Moto, mocked_aws
from tests.integration.conftest import Deployment, deployed
from tests.integration.recorder import ROWS, CallSite, Permission, Recorder, written_sites
from tests.integration.versions import EVENT, answered, version_arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEMPLATE: Final = read_template()
FUNCTIONS: Final = resources_of(TEMPLATE, "AWS::Serverless::Function")
CHECK: Final = "DeploymentCheckFunction"
# Physical names are logical ids, in lower case for the bucket.
LOGICAL_IDS: Final = {name.lower(): name for name in TEMPLATE["Resources"]}

POLLER: Final = {
    "sqs:ReceiveMessage": "Lambda receives the batches of an event source",
    "sqs:DeleteMessage": "Lambda deletes the messages that the function has finished",
    "sqs:GetQueueAttributes": "Lambda scales with the length of the queue",
}
STREAM: Final = {
    f"dynamodb:{action}": "Lambda reads the table's stream"
    for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
}
NO_BUCKET: Final = "-/*"  # stands for a place that the parameter does not have
# Buckets of others that the recorded deployment reads, and files in them.
OTHER_BUCKETS: Final = "orders,archive/in"
OTHER_DOCUMENTS: Final = ("s3://orders/drinks.txt", "s3://archive/in/drinks.txt")
LOGS: Final = {
    "logs:CreateLogStream": "Lambda writes the function's output to its log group",
    "logs:PutLogEvents": "Lambda writes the function's output to its log group",
}
TRACES: Final = {
    "AWSXRayDaemonWriteAccess": "Lambda sends traces if tracing is on, with this policy of AWS",
}
# The permissions of single functions that no recorded call needs.
OTHERS: Final[Mapping[str, Mapping[Permission, str]]] = {
    "ApiFunction": {
        Permission("dynamodb:BatchWriteItem", f"TaskTable/{ROWS[0]}"): (
            "version 0.1 makes this call, and may run during a deployment or after a rollback"
        ),
    },
    "WebhookFunction": {
        Permission("sqs:SendMessage", "UnreadableQueue"): (
            "Lambda sends the position of records that fail for hours"
        ),
    },
    "DocumentFunction": {
        Permission("s3:ListBucket", "DocumentBucket"): (
            "S3 answers 404 for a missing document only with it, and 403 otherwise"
        ),
    },
}


class RecordedDeployment(Deployment):
    """A deployment whose functions are recorded."""

    def __init__(self, functions: dict[str, Function], recorder: Recorder) -> None:
        super().__init__(functions, Moto())
        self._recorder = recorder
        for name in ("ApiFunction", "WebhookFunction"):
            self.functions[name].environment["LOCAL_WEBHOOKS"] = "true"

    def handler(self, function: str) -> Any:
        if function in self._handlers:
            return super().handler(function)
        with self._recorder.watching(function):
            return super().handler(function)

    def submit(self, body: Any, key: str = "") -> list[dict[str, str]]:
        """Submit drinks or a document."""
        headers = {"Idempotency-Key": key} if key else {}
        response = self.http("POST", "/api/process", body, headers)
        assert response.status == 202
        submitted: list[dict[str, str]] = response.body
        return submitted

    def submit_document(self, content: bytes | None) -> dict[str, str]:
        """Upload a document, unless it has no content, and submit it."""
        description = {"bytes": len(content or b"?"), "format": "text"}
        document = self.http("POST", "/api/documents", description).body["document"]
        bucket, _, key = document.removeprefix("s3://").partition("/")
        if content is not None:
            self.s3.put_object(Bucket=bucket, Key=key, Body=content)
        [task] = self.submit({"document": document})
        return task

    def end(self, task: dict[str, str]) -> str:
        """Return the type of the error with which a task ended, or its status."""
        body = self.result(task).body
        kind: str = body["error"]["type"] if body.get("error") else body["status"]
        return kind

    def process_all(self, function: str, index: int) -> None:
        """Process batches until the queue is empty, with a clock that advances when it is read."""
        steps = itertools.count(step=0.25)
        while self.source(function, index, clock=lambda: next(steps)).poll():
            pass

    def poll_with_little_time(self, function: str, index: int = 0) -> None:
        """Process a batch, for which the function has four seconds."""
        whole = self.functions[function]
        self.functions[function] = dataclasses.replace(whole, timeout=4)
        assert self.source(function, index).poll()
        self.functions[function] = whole


@pytest.fixture(scope="module")
def recorder(event_loop: asyncio.AbstractEventLoop) -> Recorder:
    """Take every path of all functions, and return the recorded calls."""
    asyncio.set_event_loop(event_loop)
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch, mocked_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "local")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        with deployed(Moto(), {"DocumentBuckets": OTHER_BUCKETS}) as functions:
            deployment = RecordedDeployment(functions, recorder)
            use_api(deployment)
            use_worker(deployment)
            use_document_worker(deployment)
            use_webhooks(deployment)
            use_reaper(deployment)
            use_deployment_check(deployment)
    return recorder


def use_api(deployment: RecordedDeployment) -> None:
    """Submit, repeat, poll, wait, list, cancel, retry and miss a deadline."""
    [task] = deployment.submit({})
    deployment.submit({"lines": ["milk"]})
    deployment.submit([{}, {"priority": "bulk"}] * 2)
    assert deployment.submit([{}, {}], "key") == deployment.submit([{}, {}], "key")
    [named] = deployment.submit({"ingredients": ["milk"]}, "named")
    assert deployment.submit({"ingredients": ["milk"]}, "named") == [named]
    refused = deployment.http(
        "POST", "/api/process", {"ingredients": ["?"]}, {"Idempotency-Key": "other"}
    )
    assert refused.status == 422
    assert deployment.http("GET", f"/api/status/{task['task_id']}").body["status"] == "PROCESSING"
    assert deployment.http("DELETE", f"/api/task/{task['task_id']}").status == 200
    retries = [deployment.http("POST", f"/api/task/{task['task_id']}/retry").body for _ in "12"]
    assert retries[0] == retries[1]
    assert deployment.http("GET", "/api/tasks").body["tasks"]
    assert set(deployment.http("GET", "/api/queue").body) == {"interactive", "bulk", "document"}
    late = deployment.http("POST", "/api/process", {"deadline_seconds": 1}, {"Prefer": "wait=3"})
    assert late.body[0]["error"]["type"] == "deadline-exceeded"


def use_worker(deployment: RecordedDeployment) -> None:
    """Retry, answer and fail drinks of both queues."""
    for index, (queue, lane) in enumerate((("TaskQueue", "interactive"), ("BulkQueue", "bulk"))):
        deployment.poll_with_little_time("WorkerFunction", index)
        deployment.process_all("WorkerFunction", index)
        good, bad = deployment.submit([{"priority": lane}] * 2)
        make_unknown(deployment, queue, bad["task_id"])
        assert deployment.source("WorkerFunction", index).poll() == 2
        assert (deployment.end(good), deployment.end(bad)) == ("SUCCESS", "prediction-failed")


def make_unknown(deployment: RecordedDeployment, queue: str, task_id: str) -> None:
    """Replace the ingredients of a waiting task by one that the model does not know."""
    for message in deployment.receive(queue):
        body = json.loads(message["Body"])
        if body["task_id"] == task_id:
            body["input"] = {"ingredients": ["unobtainium"]}
        deployment.send(queue, json.dumps(body))


def use_document_worker(deployment: RecordedDeployment) -> None:
    """Answer a document in two invocations, look for one that is missing, and retry one."""
    deployment.process_all("DocumentFunction", 0)  # the documents that only use the API
    task = deployment.submit_document(b"milk\n" * 3000)
    timeout = deployment.functions["DocumentFunction"].timeout
    steps = itertools.count(step=timeout / 4)
    # The invocation begins at the second step, and ends in time: its message must not return.
    last = timeout / 4 + timeout - 10
    source = deployment.source("DocumentFunction", clock=lambda: min(next(steps), last))
    assert source.poll()
    assert deployment.result(task).status == 202
    assert deployment.source("DocumentFunction").poll()
    assert deployment.end(task) == "SUCCESS"
    missing = deployment.submit_document(None)
    deployment.poll_with_little_time("DocumentFunction")
    assert deployment.source("DocumentFunction").poll()
    assert deployment.end(missing) == "document-missing"
    for uri in OTHER_DOCUMENTS:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        deployment.s3.create_bucket(Bucket=bucket)
        deployment.s3.put_object(Bucket=bucket, Key=key, Body=b"milk\n")
        [task] = deployment.submit({"document": uri})
        assert deployment.source("DocumentFunction").poll()
        assert deployment.end(task) == "SUCCESS"


def use_webhooks(deployment: RecordedDeployment) -> None:
    """Deliver a document and an array to a receiver that does not answer, and start again.

    The messages of the second and of the last attempt move to the dead letters.
    """
    hook = "/api/process?webhook=http://127.0.0.1:1/"
    content = b"milk"
    document = deployment.http("POST", "/api/documents", {"bytes": 4, "format": "text"}).body
    bucket, _, key = document["document"].removeprefix("s3://").partition("/")
    deployment.s3.put_object(Bucket=bucket, Key=key, Body=content)
    [task] = deployment.http("POST", hook, {"document": document["document"]}).body
    array = deployment.http("POST", hook, [{}, {}], {"Idempotency-Key": "hook"}).body
    deployment.process_all("WorkerFunction", 0)
    assert deployment.source("DocumentFunction").poll()
    for ended in (task, *array):
        assert deployment.stream(ended["task_id"]) == {"batchItemFailures": []}
    assert deployment.source("WebhookFunction").poll() == 3
    [first] = deployment.http("GET", f"/api/task/{task['task_id']}/deliveries").body["attempts"]
    assert first["reason"] == "unreachable"
    deployment.http("POST", "/api/webhooks/secret")
    again = deployment.http("POST", f"/api/task/{task['task_id']}/redeliver")
    assert again.body["state"] == "PENDING"
    for attempt, state in ((2, "PENDING"), (1 + len(DELAYS), "FAILED")):
        lost = DeliveryMessage(task["task_id"], attempt, 0, "127.0.0.1")
        deployment.send("DeadLetterQueue", lost.encode())
        assert deployment.source("ReaperFunction").poll()
        shown = deployment.http("GET", f"/api/task/{task['task_id']}/deliveries").body
        assert (shown["state"], shown["attempts"][-1]["reason"]) == (state, "sender-lost")
    again = deployment.http("POST", f"/api/task/{task['task_id']}/redeliver")
    assert again.body["state"] == "PENDING"


def use_reaper(deployment: RecordedDeployment) -> None:
    """End a task whose message no worker finished."""
    [task] = deployment.submit({})
    deployment.exhaust_receives("TaskQueue", lambda: deployment.receive("TaskQueue"))
    assert deployment.source("ReaperFunction").poll()
    assert deployment.end(task) == "worker-lost"


def use_deployment_check(deployment: RecordedDeployment) -> None:
    """Try the API and the worker of this deployment."""
    worker = deployment.functions["WorkerFunction"]
    values = {
        "TABLE_NAME": worker.environment["TABLE_NAME"],
        "TASK_QUEUE_ARN": worker.event_sources[0].queue_arn,
        "API_VERSION": version_arn("ApiFunction"),
        "WORKER_VERSION": version_arn("WorkerFunction"),
    }
    given = environment_of(TEMPLATE, CHECK)
    environment = {name: value for name, value in values.items() if name in given}
    handler = handler_of(FUNCTIONS[CHECK]["Properties"])
    deployment.functions[CHECK] = Function(CHECK, handler, 120, environment, ())
    with answered(deployment.handler) as verdicts:
        deployment.handler(CHECK)(EVENT, None)
    assert verdicts == ["Succeeded"]


def statements_of(function: str) -> list[dict[str, Any]]:
    """Return the statements of a function's policies that allow calls, if all conditions hold."""
    policies = map(first_choice, role_of(function)["Policies"])
    statements = [
        first_choice(statement)
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    return [statement for statement in statements if statement["Effect"] == "Allow"]


def role_of(function: str) -> dict[str, Any]:
    role = FUNCTIONS[function]["Properties"]["Role"]["Fn::GetAtt"][0]
    properties: dict[str, Any] = TEMPLATE["Resources"][role]["Properties"]
    return properties


def granted(function: str) -> set[Permission]:
    """Return the permissions that the role of a function has."""
    managed = first_choice(role_of(function).get("ManagedPolicyArns", []))
    return {Permission(arn["Fn::Sub"].rpartition("/")[2], "*") for arn in managed} | {
        permission for statement in statements_of(function) for permission in granted_by(statement)
    }


def granted_by(statement: dict[str, Any]) -> Iterator[Permission]:
    """Yield the permissions of a statement, one for each kind of row that its condition allows."""
    condition = statement.get("Condition")
    rows = condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] if condition else [""]
    names = map(resource_name, as_list(statement["Resource"]))
    for action, name, row in itertools.product(as_list(statement["Action"]), names, as_list(rows)):
        if name != NO_BUCKET:
            yield Permission(action, f"{name}/{row}" if row else name)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resource_name(arn: Any) -> str:
    """Return the logical id in an ARN of a policy, and the folder of the files."""
    if isinstance(arn, str):
        return arn
    if isinstance(arn.get("Fn::Sub"), list):
        text, variables = arn["Fn::Sub"]
        index, split = variables["Place"]["Fn::Select"]
        places = split["Fn::Split"][1]["Fn::Sub"].replace("${DocumentBuckets}", OTHER_BUCKETS)
        place = places.split(split["Fn::Split"][0])[index]
        return str(text.replace("${Place}", place).rpartition(":")[2])
    if "Fn::GetAtt" in arn:
        name, attribute = arn["Fn::GetAtt"]
        assert attribute == "Arn"
        return str(name)
    text = str(arn["Fn::Sub"])
    _, _, named = text.partition("${AWS::AccountId}:")
    return named or text.replace("${", "").replace(".Arn}", "")


def needed(recorder: Recorder, function: str) -> set[Permission]:
    """Return the permissions that the calls of a function need."""
    return {
        Permission(action, LOGICAL_IDS.get(name.lower(), name) + slash + files)
        for action, resource in recorder.needed[function]
        for name, slash, files in [resource.partition("/")]
    }


def without_call(function: str) -> set[Permission]:
    """Return the permissions that a function needs without a call of its code."""
    properties = FUNCTIONS[function]["Properties"]
    queues = [event["Queue"]["Fn::GetAtt"][0] for _, event in queue_events(properties)]
    events = properties["Events"].values() if "Events" in properties else ()
    streams = ["TaskTable/stream/*" for event in events if event["Type"] == "DynamoDB"]
    return {
        *(Permission(action, queue) for action in POLLER for queue in queues),
        *(Permission(action, stream) for action in STREAM for stream in streams),
        *(Permission(action, properties["LoggingConfig"]["LogGroup"]["Ref"]) for action in LOGS),
        *(Permission(action, "*") for action in TRACES),
        *OTHERS.get(function, ()),
    }


@pytest.mark.parametrize("site", written_sites(), ids=".".join)
def test_every_written_call_is_recorded(recorder: Recorder, site: CallSite) -> None:
    """Otherwise the permission that it needs is unknown."""
    assert site in recorder.sites


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_allows_every_call_of_its_function(recorder: Recorder, function: str) -> None:
    """The calls of its code, and those that Lambda makes for it."""
    missing = needed(recorder, function) | without_call(function)
    assert missing - granted(function) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_allows_no_other_call(recorder: Recorder, function: str) -> None:
    superfluous = granted(function) - needed(recorder, function) - without_call(function)
    assert superfluous == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_permissions_of_single_functions_need_no_call(
    recorder: Recorder, function: str
) -> None:
    """A permission that a recorded call needs requires no reason."""
    assert OTHERS.get(function, {}).keys() & needed(recorder, function) == set()


def test_a_policy_without_its_condition_on_rows_is_noticed(recorder: Recorder) -> None:
    """It would also allow the secrets with which deliveries are signed."""
    allowed = set(granted_by({**statement_on_rows("ReaperFunction"), "Condition": None}))
    assert allowed
    assert allowed.isdisjoint(needed(recorder, "ReaperFunction"))


def test_a_call_on_a_row_that_the_policy_leaves_out_is_noticed(recorder: Recorder) -> None:
    narrow = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["delivery#*"]}}
    allowed = set(granted_by({**statement_on_rows("WebhookFunction"), "Condition": narrow}))
    missing = needed(recorder, "WebhookFunction") - allowed
    assert Permission("dynamodb:PutItem", "TaskTable/delivery#*") not in missing
    assert Permission("dynamodb:PutItem", "TaskTable/secrets#*") in missing


def statement_on_rows(function: str) -> dict[str, Any]:
    """Return a function's statement that allows it to put rows."""
    [found] = [
        statement
        for statement in statements_of(function)
        if "dynamodb:PutItem" in as_list(statement["Action"])
    ]
    return found
