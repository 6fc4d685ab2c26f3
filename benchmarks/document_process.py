"""A process that puts a document through the worker's handler.

Run as `python -m benchmarks.document_process`; prints one line of JSON for each round. moto stands in for
AWS in this process, and what it takes is a part of what is measured.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import boto3
from moto import mock_aws

from benchmarks.aws_stub import resident_bytes
from benchmarks.engine_process import CORPUS
from functions.worker.handler import handler
from infra.local.deployment import deploy
from infra.local.event_source import LocalContext
from tasks.documents import upload_key
from tasks.ids import new_task_id
from tasks.model import Task, TaskMessage
from tasks.store import DynamoTaskStore

if TYPE_CHECKING:
    from infra.local.deployment import Function

DRINKS: Final = 100_000
ROUNDS: Final = 3
OWNER: Final = "0" * 32


def document() -> bytes:
    """Return the corpus's drinks, each less its last ingredient, until there are enough."""
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    drinks = [";".join(json.loads(line)["ingredients"][:-1]) for line in lines]
    return "\n".join(drinks[number % len(drinks)] for number in range(DRINKS)).encode()


def measure(worker: Function) -> dict[str, Any]:
    """Put the document through as many invocations as it needs; returns what they took."""
    sqs, key = boto3.client("sqs"), upload_key(OWNER, new_task_id(time.time()), "text")
    boto3.client("s3").put_object(
        Bucket=worker.environment["DOCUMENT_BUCKET"], Key=key, Body=document()
    )
    queue = worker.environment["DOCUMENT_QUEUE_URL"]
    fields = {"document": key, "language": "en", "defaults": {}}
    now = time.time()
    task = Task(new_task_id(now), OWNER, fields, now, now + 900, now + 86_400)
    store = DynamoTaskStore(boto3.client("dynamodb"), worker.environment["TABLE_NAME"])
    store.create([task])
    sqs.send_message(QueueUrl=queue, MessageBody=TaskMessage.of(task).encode())
    took, invocations = 0.0, 0
    while messages := sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=0).get("Messages"):
        [message] = messages
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        began = time.monotonic()
        context = LocalContext("WorkerFunction", began + worker.timeout)
        answer = handler(event_of(dict(message), worker), context)
        took, invocations = took + time.monotonic() - began, invocations + 1
        if answer != {"batchItemFailures": []}:
            raise RuntimeError(f"The handler answered {answer}")
    ended = store.get(task.task_id)
    if ended is None or (ended.result or {}).get("document", {}).get("answered") != DRINKS:
        raise RuntimeError(f"The document came to {ended}")
    return {
        "drinks": DRINKS,
        "invocations": invocations,
        "seconds": took,
        "rss": resident_bytes(),
    }


def event_of(message: dict[str, Any], worker: Function) -> dict[str, Any]:
    """Return the event of a message in the queue of documents."""
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": worker.event_sources[2].queue_arn,
    }
    return {"Records": [record]}


def main() -> None:
    """Measure on one processor."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as report, mock_aws():
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        worker = deploy(boto3.client("cloudformation"))["WorkerFunction"]
        os.environ.update(worker.environment)
        for _ in range(ROUNDS):
            print(json.dumps(measure(worker)), file=report)


if __name__ == "__main__":
    main()
