"""The check of new versions before a gradual deployment."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from functions.deployment_check.bootstrap import invoke_with, report_with
from functions.deployment_check.check import CheckFailed, DeploymentCheck
from functions.deployment_check.hook import Hook
from tasks.messages import TaskMessage
from tasks.task import Outcome, Status
from tests.fakes import FakeClock, InMemoryTaskStore

if TYPE_CHECKING:
    from collections.abc import Callable

ACKNOWLEDGED: dict[str, Any] = {"batchItemFailures": []}
EVENT = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}


class Versions:
    """The new versions: an API with one response, and a worker that may finish its task."""

    def __init__(self, store: InMemoryTaskStore) -> None:
        self.api: Any = {"statusCode": 202}
        self.status: Status | None = Status.SUCCESS
        self.response: Any = ACKNOWLEDGED
        self._store = store

    def invoke(self, version: str, event: dict[str, Any]) -> Any:
        if version == "api":
            return self.api
        [record] = event["Records"]
        if self.status:
            task_id = TaskMessage.decode(record["body"]).task_id
            self._store.finish(task_id, Outcome(self.status, finished_at=1.0))
        return self.response


@pytest.fixture
def store() -> InMemoryTaskStore:
    return InMemoryTaskStore()


@pytest.fixture
def versions(store: InMemoryTaskStore) -> Versions:
    return Versions(store)


@pytest.fixture
def check(store: InMemoryTaskStore, versions: Versions) -> DeploymentCheck:
    return DeploymentCheck(versions.invoke, store, FakeClock(), "api", "worker", "arn:aws:sqs:q")


def test_versions_that_work_pass(check: DeploymentCheck) -> None:
    check.run()


@pytest.mark.parametrize("response", [{"statusCode": 500}, {"statusCode": 200}, None, "text"])
def test_an_api_that_does_not_accept_a_drink_fails(
    check: DeploymentCheck, versions: Versions, response: Any
) -> None:
    versions.api = response
    with pytest.raises(CheckFailed, match="not 202"):
        check.run()


@pytest.mark.parametrize("status", [None, Status.FAIL, Status.CANCELLED])
def test_a_worker_that_does_not_answer_its_task_fails(
    check: DeploymentCheck, versions: Versions, status: Status | None
) -> None:
    """A model that fails on every drink raises no error of the function."""
    versions.status = status
    with pytest.raises(CheckFailed, match="not SUCCESS"):
        check.run()


def test_a_worker_that_keeps_the_message_fails(check: DeploymentCheck, versions: Versions) -> None:
    versions.response = {"batchItemFailures": [{"itemIdentifier": "1"}]}
    with pytest.raises(CheckFailed, match="did not acknowledge"):
        check.run()


def test_the_task_of_the_check_expires(check: DeploymentCheck, store: InMemoryTaskStore) -> None:
    check.run()
    [task] = store.rows.values()
    assert task.deadline < task.expires_at <= task.created_at + 86_400


def fail() -> None:
    raise CheckFailed("The worker's task is FAIL, not SUCCESS.")


def crash() -> None:
    raise KeyError("any other error")


class FakeCodeDeploy:
    """A client of CodeDeploy that remembers the verdicts."""

    def __init__(self) -> None:
        self.verdicts: list[dict[str, str]] = []

    def put_lifecycle_event_hook_execution_status(self, **verdict: str) -> None:
        self.verdicts.append(verdict)


@pytest.mark.parametrize(
    ("outcome", "status"), [(lambda: None, "Succeeded"), (fail, "Failed"), (crash, "Failed")]
)
def test_code_deploy_is_told_the_verdict(outcome: Callable[[], None], status: str) -> None:
    code_deploy = FakeCodeDeploy()
    Hook(outcome, report_with(code_deploy)).run(EVENT)
    verdict = {"deploymentId": "d-1", "lifecycleEventHookExecutionId": "e-1", "status": status}
    assert code_deploy.verdicts == [verdict]


class FakeLambda:
    """A client of Lambda with one response."""

    def __init__(self, payload: Any, **response: str) -> None:
        self._response = response | {"Payload": io.BytesIO(json.dumps(payload).encode())}

    def invoke(self, **_: Any) -> dict[str, Any]:
        return self._response


def test_the_response_of_a_version_is_its_payload() -> None:
    assert invoke_with(FakeLambda({"statusCode": 202}))("v", {}) == {"statusCode": 202}


def test_an_error_of_a_version_is_a_failed_check() -> None:
    """Lambda itself answers with a status of 200."""
    payload = {"errorType": "ImportModuleError", "errorMessage": "secret"}
    invoke = invoke_with(FakeLambda(payload, FunctionError="Unhandled"))
    with pytest.raises(CheckFailed, match=r"^v raised ImportModuleError\.$"):
        invoke("v", {})
