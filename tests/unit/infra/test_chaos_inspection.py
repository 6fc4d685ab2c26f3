"""The search for unreadable messages distinguishes lost messages from hidden ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest

from infra.chaos.emulated.inspection import SqsQueues
from infra.chaos.inspection import QUEUES, UnreadableMessages

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 4


class Time:
    """A clock that advances only in pauses, and calls a function at each of them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.at_pause: Callable[[], object] = lambda: None

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.at_pause()


@pytest.fixture
def sqs(moto: None) -> Any:  # noqa: ARG001 - the client is one of moto
    client = boto3.client("sqs")
    for queue in QUEUES:
        client.create_queue(QueueName=queue)
    return client


def send(sqs: Any, queue: str, *bodies: str) -> None:
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)


def hide(sqs: Any, queue: str) -> None:
    """Receive messages and ignore the response, as after a timeout."""
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600)


def unreadable_of(time: Time) -> UnreadableMessages:
    return UnreadableMessages(SqsQueues(), 2, PATIENCE, lambda: time.now, time.pause)


def test_messages_in_every_queue_are_found(sqs: Any) -> None:
    """Also those that have not left a task queue yet."""
    unreadable = unreadable_of(Time())
    send(sqs, "BulkQueue", unreadable.bodies[0])
    send(sqs, "UnreadableQueue", unreadable.bodies[1])
    assert unreadable.take() == (set(unreadable.bodies), 0)


def test_a_message_that_is_in_no_queue_is_missing(sqs: Any) -> None:
    """Nothing is left that could still be the message."""
    unreadable = unreadable_of(Time())
    send(sqs, "UnreadableQueue", unreadable.bodies[1])
    assert unreadable.take() == ({unreadable.bodies[1]}, 0)


def test_a_hidden_message_counts_as_left(sqs: Any) -> None:
    """It is not missing, because a queue still has it."""
    unreadable = unreadable_of(Time())
    send(sqs, "UnreadableQueue", *unreadable.bodies)
    hide(sqs, "UnreadableQueue")
    assert unreadable.take() == (set(), 2)


def test_messages_of_tasks_stay_in_their_queues(sqs: Any) -> None:
    """They show that a task without a result is not lost."""
    unreadable = unreadable_of(Time())
    send(sqs, "TaskQueue", *unreadable.bodies, "a task")
    assert unreadable.take() == (set(unreadable.bodies), 1)


def test_waiting_goes_on_as_long_as_messages_move(sqs: Any) -> None:
    """The wait is longer than the patience for a queue that does not change."""
    time = Time()
    unreadable = unreadable_of(time)
    send(sqs, "UnreadableQueue", *unreadable.bodies)
    tasks = [str(number) for number in range(5)]
    send(sqs, "TaskQueue", *tasks)
    url = sqs.get_queue_url(QueueName="TaskQueue")["QueueUrl"]

    def process_one() -> None:
        time.now += 0.9 * PATIENCE
        for message in sqs.receive_message(QueueUrl=url).get("Messages", ()):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    time.at_pause = process_one
    assert unreadable.wait() == 0
    assert time.now > 4 * PATIENCE


def test_messages_that_do_not_move_are_misplaced(sqs: Any) -> None:
    unreadable = unreadable_of(Time())
    send(sqs, "TaskQueue", *unreadable.bodies)
    assert unreadable.wait() == 4  # they are in the wrong queue, and absent from the right one
