"""Tests of short runs of `python -m infra.chaos`, its emulator and how it reads the stream."""

from __future__ import annotations

import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.chaos.emulated.inspection import stream_changes
from infra.chaos.inspection import Change
from infra.chaos.template import chaos_template
from infra.emulated.ministack import running_ministack
from infra.emulated.stack import deployed_stores
from tests.chaos_command import RUN_TIMEOUT, run_chaos, start_chaos

if TYPE_CHECKING:
    from collections.abc import Iterator

EXIT_TIMEOUT = 15.0  # seconds
CHILDREN = 4  # MiniStack, the API and two workers


DISRUPTIONS = {
    "workers killed",
    "parents killed",
    "stacks killed",
    "stacks restarted",
    "locks of the database held",
}
FAULTS = {
    "workers killed during a batch",
    "API killed",
    "API restarted",
    "AWS calls throttled",
    "AWS calls answered with 500",
    "AWS calls timed out",
    "AWS responses lost",
}


def test_a_short_run_on_one_machine_has_disruptions_but_no_violations() -> None:
    """Every task and a document are answered once, although everything was killed meanwhile."""
    counts = run_chaos("local", 60)
    assert counts["submitted"] == 61
    assert counts["unreadable messages preserved"] == 4
    assert counts.keys() >= DISRUPTIONS


def test_a_short_run_on_an_emulator_has_faults_but_no_violations() -> None:
    """Processes were killed, AWS calls failed and messages were duplicated."""
    counts = run_chaos("emulated", 150)
    assert counts["submitted"] == 151
    assert counts["unreadable messages preserved"] == 4
    assert counts.keys() >= FAULTS
    assert counts.keys() & {"batches processed twice at once", "messages sent twice"}


def children_of(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for path in tasks for child in path.read_text().split()}


@pytest.mark.skipif(sys.platform != "linux", reason="child processes are found in /proc")
def test_child_processes_exit_when_their_parent_is_killed() -> None:
    """No process of the run survives a SIGKILL of the parent."""
    process = start_chaos("emulated", 150)
    until = time.monotonic() + RUN_TIMEOUT
    try:
        while len(children := children_of(process.pid)) < CHILDREN:
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    until = time.monotonic() + EXIT_TIMEOUT
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def table() -> Iterator[str]:
    """The name of the table of a deployment to the emulator."""
    with (
        running_ministack() as endpoint,
        deployed_stores(endpoint, template=chaos_template()) as functions,
    ):
        yield functions["WorkerFunction"].environment["TABLE_NAME"]


def test_several_pollers_of_one_queue_receive_every_message(table: str) -> None:
    """Messages are sent, received and deleted at the same time."""
    assert table
    sqs: Any = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="TaskQueue")["QueueUrl"]
    seen: set[str] = set()
    sent = threading.Event()

    def receive(_: int) -> None:
        while True:
            is_last = sent.is_set()
            response = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            messages = response.get("Messages", [])
            for message in messages:
                seen.add(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if is_last and not messages:
                return

    with ThreadPoolExecutor(3) as pool:
        pollers = [pool.submit(receive, number) for number in range(3)]
        for number in range(200):
            sqs.send_message(QueueUrl=url, MessageBody=str(number))
        sent.set()
    assert [future.result() for future in pollers] == [None] * 3
    assert seen == set(map(str, range(200)))


def test_the_stream_has_every_successful_write_and_no_other(table: str) -> None:
    """A failed condition and a cancelled transaction leave no record."""
    dynamodb: Any = boto3.client("dynamodb")

    def row(task_id: str, status: str) -> dict[str, Any]:
        return {"task_id": {"S": task_id}, "status": {"S": status}}

    def put(task_id: str, **options: str) -> dict[str, Any]:
        return {"Put": {"TableName": table, "Item": row(task_id, "PROCESSING"), **options}}

    absent = {"ConditionExpression": "attribute_not_exists(task_id)"}
    dynamodb.transact_write_items(TransactItems=[put("key#1", **absent), put("a")])
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.transact_write_items(TransactItems=[put("key#1", **absent), put("b")])
    assert "Item" not in dynamodb.get_item(TableName=table, Key={"task_id": {"S": "b"}})

    def finish() -> None:
        dynamodb.update_item(
            TableName=table,
            Key={"task_id": {"S": "a"}},
            UpdateExpression="SET #status = :done",
            ConditionExpression="#status = :processing",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":done": {"S": "SUCCESS"},
                ":processing": {"S": "PROCESSING"},
            },
        )

    finish()
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        finish()
    assert list(stream_changes(table)) == [
        Change("a", None, "PROCESSING"),
        Change("a", "PROCESSING", "SUCCESS"),
    ]
