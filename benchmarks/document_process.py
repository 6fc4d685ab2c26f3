"""A process that measures a document: `python -m benchmarks.document_process`.

It sends a document of 100,000 drinks through the worker's handler and reports each round. moto
replaces AWS in this process, and its time is part of the measured time.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from moto import mock_aws

from benchmarks import aws_stub
from benchmarks.engine_process import CORPUS
from benchmarks.process_report import reporting, resident_bytes
from infra.emulated.deployment import deploy
from infra.local.event_source import LocalContext
from infra.local.functions import load_handler
from tasks.aws.dynamodb import DynamoTaskStore
from tasks.document_keys import upload_key
from tasks.ids import new_task_id
from tasks.messages import TaskMessage
from tasks.task import Lane, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.definitions import Function

DRINKS: Final = 100_000
ROUNDS: Final = 3
OWNER: Final = "0" * 32
QUEUE: Final = "DocumentQueue"


def document() -> bytes:
    """Return a document with the drinks of the corpus, each without its last ingredient."""
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    drinks = [";".join(json.loads(line)["ingredients"][:-1]) for line in lines]
    return "\n".join(drinks[number % len(drinks)] for number in range(DRINKS)).encode()


@dataclass(frozen=True)
class Stack:
    """The deployment to moto, with the function that processes documents and its handler."""

    function: Function
    handler: Callable[..., Any]
    store: DynamoTaskStore
    sqs: Any

    @classmethod
    def create(cls) -> Stack:
        """Deploy the template and load the function's handler."""
        function = next(
            function
            for function in deploy(boto3.client("cloudformation")).values()
            if any(source.queue_arn.endswith(f":{QUEUE}") for source in function.event_sources)
        )
        return cls(
            function=function,
            handler=load_handler(function),
            store=DynamoTaskStore(boto3.client("dynamodb"), function.environment["TABLE_NAME"]),
            sqs=boto3.client("sqs"),
        )

    def submit(self) -> Task:
        """Upload the document and submit its task."""
        now = time.time()
        key = upload_key(OWNER, new_task_id(now), "text")
        boto3.client("s3").put_object(
            Bucket=self.function.environment["DOCUMENT_BUCKET"], Key=key, Body=document()
        )
        fields = {"document": key, "language": "en", "defaults": {}}
        task = Task(new_task_id(now), OWNER, fields, now, now + 900, now + 86_400, Lane.DOCUMENT)
        self.store.create([task])
        self.sqs.send_message(
            QueueUrl=self.function.environment["DOCUMENT_QUEUE_URL"],
            MessageBody=TaskMessage.of(task).encode(),
        )
        return task

    def process(self) -> list[float]:
        """Process all messages of the queue and return the seconds of each invocation."""
        queue_url = self.function.environment["DOCUMENT_QUEUE_URL"]
        seconds = []
        while messages := self.sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=0).get(
            "Messages"
        ):
            [message] = messages
            receipt_handle = message["ReceiptHandle"]
            record = aws_stub.sqs_record(
                message["MessageId"], receipt_handle, message["Body"], QUEUE
            )
            started = time.monotonic()
            context = LocalContext(self.function.name, started + self.function.timeout)
            response = self.handler({"Records": [record]}, context)
            seconds.append(time.monotonic() - started)
            aws_stub.check_response("worker", response)
            self.sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=receipt_handle)
        return seconds


def measure(stack: Stack) -> dict[str, Any]:
    """Process the document in as many invocations as it needs.

    Raises:
        RuntimeError: the result does not have all drinks.
    """
    task = stack.submit()
    seconds = stack.process()
    final = stack.store.get(task.task_id)
    if final is None or (final.result or {}).get("document", {}).get("answered") != DRINKS:
        raise RuntimeError(f"The document's task ended as {final}.")
    return {
        "drinks": DRINKS,
        "invocations": len(seconds),
        "seconds": sum(seconds),
        "resident_bytes": resident_bytes(),
    }


def main() -> None:
    """Measure on one processor."""
    with reporting() as report, mock_aws():
        stack = Stack.create()
        for _ in range(ROUNDS):
            report(measure(stack))


if __name__ == "__main__":
    main()
