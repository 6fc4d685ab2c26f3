"""Messages of a batch that SQS does not accept, and the length of a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from tasks.aws.client import create_client
from tasks.aws.sqs import SqsTaskQueue
from tasks.messages import TaskMessage
from tests.fakes import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGES = [TaskMessage(f"t{number}", "me", {}, NOW) for number in range(2)]
CALL = "send_message_batch"


class Harness:
    """A queue whose answers a test scripts. Pauses are recorded and take no time."""

    def __init__(self) -> None:
        client = create_client("sqs")
        self.aws = Stubber(client)
        self.pauses: list[float] = []
        self.queue = SqsTaskQueue(client, "http://sqs/tasks", self.pauses.append)

    def accept(self, *indices: int) -> None:
        sent = [{"Id": str(i), "MessageId": str(i), "MD5OfMessageBody": ""} for i in indices]
        self.aws.add_response(CALL, {"Successful": sent, "Failed": []})

    def refuse(self, code: str, *, sender_fault: bool) -> None:
        """Refuse the second message."""
        failure = {"Id": "1", "Code": code, "SenderFault": sender_fault}
        self.aws.add_response(CALL, {"Successful": [], "Failed": [failure]})


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "local")
    harness = Harness()
    with harness.aws:
        yield harness
    harness.aws.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "sender_fault"), [("SomethingNew", False), ("RequestThrottled", True)]
)
def test_a_message_refused_for_a_transient_reason_is_sent_again(
    harness: Harness, code: str, *, sender_fault: bool
) -> None:
    harness.refuse(code, sender_fault=sender_fault)
    harness.accept(0)
    harness.queue.send(MESSAGES)
    assert harness.pauses == [0.05]


def test_a_message_refused_as_invalid_is_not_sent_again(harness: Harness) -> None:
    """It would be refused again, so the fault must become visible."""
    harness.refuse("InvalidMessageContents", sender_fault=True)
    with pytest.raises(ClientError, match=r"\(InvalidMessageContents\).* SendMessageBatch"):
        harness.queue.send(MESSAGES)
    assert harness.pauses == []


def test_delayed_messages_of_a_queue_are_waiting(harness: Harness) -> None:
    """A scheduled retry is not visible, so it counts as in flight."""
    lengths = {"": "5", "NotVisible": "3", "Delayed": "2"}
    attributes = {f"ApproximateNumberOfMessages{name}": text for name, text in lengths.items()}
    expected = {"QueueUrl": "http://sqs/tasks", "AttributeNames": list(attributes)}
    harness.aws.add_response("get_queue_attributes", {"Attributes": attributes}, expected)
    assert harness.queue.length() == (7, 3)
