from __future__ import annotations

from typing import Any

import boto3
import pytest

from infra.emulated.sqs_source import SqsSource


@pytest.fixture
def sqs(moto: None) -> Any:  # noqa: ARG001 - the client is one of moto
    """Return a client of moto with an empty queue named `tasks`."""
    client = boto3.client("sqs")
    client.create_queue(QueueName="tasks")
    return client


def send(sqs: Any, count: int) -> None:
    url = sqs.get_queue_url(QueueName="tasks")["QueueUrl"]
    for number in range(count):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))


def test_a_message_is_received_with_its_receive_count_and_time(sqs: Any) -> None:
    send(sqs, 1)
    [message] = SqsSource(sqs, "tasks").receive(10, 0)
    assert (message.body, message.receive_count) == ("0", 1)
    assert message.sent_at > 1_600_000_000


def test_one_receive_returns_at_most_ten_messages(sqs: Any) -> None:
    """SQS allows no more."""
    send(sqs, 25)
    assert len(SqsSource(sqs, "tasks").receive(100, 0)) == 10


def test_deleted_messages_are_gone(sqs: Any) -> None:
    """More than ten are deleted with several calls."""
    send(sqs, 25)
    source = SqsSource(sqs, "tasks")
    source.delete([message for _ in range(3) for message in source.receive(10, 0)])
    url = sqs.get_queue_url(QueueName="tasks")["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    assert set(attributes.values()) == {"0"}
