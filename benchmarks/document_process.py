"""A process that measures a document: `python -m benchmarks.document_process`.

It sends documents through the worker's handler and reports each round: 100,000 drinks of the
corpus, and 10,000 of the questions that take longest. moto replaces AWS in this process, and its
time is part of the measured time.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from moto import mock_aws

from benchmarks import aws_stub
from benchmarks.process_report import reporting, resident_bytes
from infra.emulated.deployment import deploy
from infra.local.event_source import LocalContext
from infra.local.functions import load_handler
from suggester.artifacts import DEFAULT
from tasks.aws.dynamodb import DynamoTaskStore
from tasks.document_keys import upload_key
from tasks.ids import new_task_id
from tasks.messages import TaskMessage
from tasks.task import Lane, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.definitions import Function
    from tasks.document_keys import Format

DRINKS: Final = 100_000
SLOW_DRINKS: Final = 10_000
EXCLUDED: Final = 15  # names in each line; 100,000 such lines have 24 MiB
ROUNDS: Final = 3
OWNER: Final = "0" * 32
QUEUE: Final = "DocumentQueue"
CORPUS: Final = DEFAULT.parent / "training/corpus/drinks.jsonl"


@dataclass(frozen=True)
class Document:
    """A document, and the options of its lines."""

    name: str
    lines: list[str]
    suffix: Format
    defaults: dict[str, Any]


def documents() -> list[Document]:
    """Return the drinks of the corpus, each without its last ingredient; and long questions.

    These ask to complete a drink to the largest length, each with other excluded names.
    """
    recipes = [json.loads(line)["ingredients"] for line in CORPUS.read_text("utf-8").splitlines()]
    names = sorted({name for recipe in recipes for name in recipe} - {"milk"})
    drinks = [";".join(recipe[:-1]) for recipe in recipes]
    chance = random.Random(1)  # noqa: S311 - the same document each time
    slow = [
        json.dumps({"ingredients": ["milk"], "exclude": chance.sample(names, EXCLUDED)})
        for _ in range(SLOW_DRINKS)
    ]
    corpus = [drinks[number % len(drinks)] for number in range(DRINKS)]
    return [
        Document("next, of the corpus", corpus, "text", {}),
        Document("complete to 32", slow, "jsonl", {"kind": "complete", "length": 32}),
    ]


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

    def submit(self, document: Document) -> Task:
        """Upload the document and submit its task."""
        now = time.time()
        key = upload_key(OWNER, new_task_id(now), document.suffix)
        boto3.client("s3").put_object(
            Bucket=self.function.environment["DOCUMENT_BUCKET"],
            Key=key,
            Body="\n".join(document.lines).encode(),
        )
        fields = {"document": key, "language": "en", "defaults": document.defaults}
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


def measure(stack: Stack, document: Document) -> dict[str, Any]:
    """Process the document in as many invocations as it needs.

    Raises:
        RuntimeError: the result does not have all drinks.
    """
    task = stack.submit(document)
    drinks = len(document.lines)
    before = time.process_time()
    seconds = stack.process()
    processor_seconds = time.process_time() - before
    final = stack.store.get(task.task_id)
    if final is None or (final.result or {}).get("document", {}).get("answered") != drinks:
        raise RuntimeError(f"The document's task ended as {final}.")
    return {
        "document": document.name,
        "drinks": drinks,
        "invocations": len(seconds),
        "seconds": sum(seconds),
        "processor_seconds": processor_seconds,
        "resident_bytes": resident_bytes(),
    }


def main() -> None:
    """Measure on one processor."""
    with reporting() as report, mock_aws():
        stack = Stack.create()
        for document in documents():
            for _ in range(ROUNDS):
                report(measure(stack, document))


if __name__ == "__main__":
    main()
