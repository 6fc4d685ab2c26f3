import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.aws.events import Delivery, read_event
from tasks.messages import TaskMessage
from tests.fakes import NOW, sqs_event

MESSAGE = TaskMessage("id", "owner", {"ingredients": ["milk"]}, NOW)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
RECORD_FIELDS = ["messageId", "receiptHandle", "body", "attributes", "eventSourceARN"]


def test_a_record_is_read_whole() -> None:
    """A delivery holds what the worker needs of a record."""
    deliveries, unreadable = read_event(sqs_event(MESSAGE, receive_count=3))
    assert deliveries == [Delivery("m0", "r0", 3, "tasks", MESSAGE)]
    assert unreadable == []


def test_an_unreadable_record_harms_no_other() -> None:
    """A body that is no message is named for its return; its neighbours are read."""
    deliveries, unreadable = read_event(sqs_event(MESSAGE, "not a message", MESSAGE))
    assert [delivery.message_id for delivery in deliveries] == ["m0", "m2"]
    assert unreadable == ["m1"]


def test_what_is_unreadable_stays_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The log names the message's id and the reason, and shows nothing of the body."""
    with caplog.at_level(logging.ERROR):
        read_event(sqs_event(json.dumps({"version": 1, "secret": "gin"})))
    [line] = caplog.records
    assert vars(line)["message_id"] == "m0"
    assert "gin" not in repr(vars(line))


@given(JSON)
def test_no_event_is_too_strange(event: Any) -> None:
    """Whatever comes in place of an event is read as one without messages that can be read."""
    deliveries, _ = read_event(event)
    assert deliveries == []


@given(st.dictionaries(st.sampled_from(RECORD_FIELDS), JSON))
def test_no_record_is_too_strange(fields: dict[str, Any]) -> None:
    """A record with any field missing or replaced harms no other record."""
    event = sqs_event(MESSAGE, MESSAGE)
    event["Records"][0] = fields
    deliveries, unreadable = read_event(event)
    assert [delivery.message_id for delivery in deliveries] == ["m1"]
    assert unreadable == ([fields["messageId"]] if isinstance(fields.get("messageId"), str) else [])
