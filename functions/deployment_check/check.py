"""One request for the new API and one message for the new worker."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tasks.ids import new_task_id
from tasks.messages import TaskMessage
from tasks.task import Status, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.ports import TaskStore
    from tasks.task import JsonObject

OWNER: Final = "deployment-check"
DRINK: Final[JsonObject] = {}  # an empty drink, for which every model has a suggestion
DEADLINE: Final = 300.0  # seconds
RETENTION: Final = 86_400.0  # seconds
ACCEPTED: Final = 202


class CheckFailed(Exception):
    """A new version does not work."""


@dataclass(frozen=True, slots=True)
class DeploymentCheck:
    """Checks versions of the functions.

    Attributes:
        invoke: invokes a version with an event and returns its response.
        store: the table, where the worker writes its answer.
        clock: returns the time in seconds since the epoch.
        api: the ARN of the API's version.
        worker: the ARN of the worker's version.
        queue: the ARN of the queue from which the worker's message seems to come.
    """

    invoke: Callable[[str, JsonObject], Any]
    store: TaskStore
    clock: Callable[[], float]
    api: str
    worker: str
    queue: str

    def run(self) -> None:
        """Check both versions.

        Raises:
            CheckFailed: a version gave a wrong answer.
        """
        self.check_api()
        self.check_worker()

    def check_api(self) -> None:
        """Submit a drink. The worker that is in service now answers it."""
        response = self.invoke(self.api, _submission())
        status = response.get("statusCode") if isinstance(response, dict) else None
        if status != ACCEPTED:
            raise CheckFailed(
                f"The API answered a submission with status {status}, not {ACCEPTED}."
            )

    def check_worker(self) -> None:
        """Deliver the message of a task, and read the answer from the table."""
        now = self.clock()
        task = Task(new_task_id(now), OWNER, DRINK, now, now + DEADLINE, now + RETENTION)
        self.store.create([task])
        response = self.invoke(self.worker, self._delivery(task))
        answered = self.store.get(task.task_id)
        if answered is None or answered.status is not Status.SUCCESS:
            status = answered.status if answered else "missing"
            raise CheckFailed(f"The worker's task is {status}, not SUCCESS.")
        if response != {"batchItemFailures": []}:
            raise CheckFailed("The worker answered its task but did not acknowledge the message.")

    def _delivery(self, task: Task) -> JsonObject:
        record = {
            "messageId": task.task_id,
            "receiptHandle": "none",
            "body": TaskMessage.of(task).encode(),
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue,
        }
        return {"Records": [record]}


def _submission() -> JsonObject:
    """Return an event of API Gateway that submits a drink."""
    headers = {"content-type": "application/json", "x-api-key": OWNER}
    path = "/api/process"
    return {
        "resource": "/api/{proxy+}",
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": "process"},
        "requestContext": {
            "resourcePath": "/api/{proxy+}",
            "path": path,
            "httpMethod": "POST",
            "stage": "check",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": json.dumps({"ingredients": []}),
        "isBase64Encoded": False,
    }
