"""The implementations of the ports on AWS are created with the names of their resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.aws.ports import create_documents, create_queues, create_store
from tasks.messages import TaskMessage
from tests.fakes import NOW

if TYPE_CHECKING:
    from tests.conftest import Emulator


def test_a_store_reads_the_table_with_its_name(emulator: Emulator) -> None:
    emulator.client("dynamodb").create_table(
        TableName="rows",
        KeySchema=[{"AttributeName": "task_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "task_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert create_store("rows").get("t1") is None


def test_each_queue_sends_to_its_url(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("tasks", "bulk")}
    queues = create_queues(urls)
    queues["bulk"].send([TaskMessage("t1", "me", {}, NOW)])
    assert {name: queue.length() for name, queue in queues.items()} == {
        "tasks": (0, 0),
        "bulk": (1, 0),
    }


def test_documents_are_files_in_the_bucket_with_its_name(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="files")
    create_documents("files").write("k", b"content")
    assert s3.get_object(Bucket="files", Key="k")["Body"].read() == b"content"
