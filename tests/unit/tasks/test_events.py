import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.aws.events import Received, failures_response, read_event, remaining_time
from tasks.messages import TaskMessage
from tests.fakes import NOW, sqs_event

MESSAGE = TaskMessage("id", "owner", {"ingredients": ["milk"]}, NOW)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
RECORD_FIELDS = ["messageId", "receiptHandle", "body", "attributes", "eventSourceARN"]


def test_a_record_becomes_a_delivery() -> None:
    deliveries, unreadable = read_event(sqs_event(MESSAGE, receive_count=3))
    assert deliveries == [Received("m0", "r0", 3, "tasks", MESSAGE)]
    assert unreadable == []


def test_an_unreadable_record_is_reported_and_the_others_are_read() -> None:
    deliveries, unreadable = read_event(sqs_event(MESSAGE, "not a message", MESSAGE))
    assert [delivery.message_id for delivery in deliveries] == ["m0", "m2"]
    assert unreadable == ["m1"]


def test_the_log_has_the_id_of_an_unreadable_message_but_not_its_body(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        read_event(sqs_event(json.dumps({"version": 1, "secret": "gin"})))
    [line] = caplog.records
    reason = "The field task_id is missing or has the wrong type."
    assert line.message == f"A message is unreadable and was not acknowledged: {reason}"
    assert vars(line)["message_id"] == "m0"
    assert "gin" not in repr(vars(line))


@pytest.mark.parametrize(
    "event",
    [
        {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}, "resources": []},
        {"warmer": True},
        {"key1": "gin"},
        {"Records": None},
        None,
        "ping",
    ],
    ids=str,
)
def test_an_event_that_is_not_from_sqs_is_ignored(
    event: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """One line of the log says so. It is no warning: a schedule may keep a function warm."""
    with caplog.at_level(logging.INFO):
        assert read_event(event) == ([], [])
    [line] = caplog.records
    sentence = "The event is not from SQS; nothing was done."
    assert (line.levelname, line.getMessage()) == ("INFO", sentence)


def test_an_empty_event_of_sqs_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert read_event({"Records": []}) == ([], [])
    assert caplog.records == []


@pytest.mark.parametrize("record", [{}, {"messageId": "m0"}, None, "text", []])
def test_a_record_that_is_none_of_sqs_is_logged_and_does_not_affect_the_next(
    record: object, caplog: pytest.LogCaptureFixture
) -> None:
    event = sqs_event(MESSAGE)
    event["Records"].insert(0, record)
    deliveries, _ = read_event(event)
    assert [delivery.message for delivery in deliveries] == [MESSAGE]
    reason = "The record lacks a field of an SQS event."
    assert caplog.messages == [f"A message is unreadable and was not acknowledged: {reason}"]


class Context:
    """The part of Lambda's context that the functions use."""

    def get_remaining_time_in_millis(self) -> int:
        return 15_250


def test_the_remaining_time_is_in_seconds() -> None:
    assert remaining_time(Context())() == 15.25


def test_a_response_names_the_messages_that_lambda_must_keep() -> None:
    """Lambda deletes the other messages of the batch."""
    assert failures_response(["m0", "m2"]) == {
        "batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m2"}]
    }


@given(JSON)
def test_an_event_of_any_other_shape_has_no_deliveries(event: Any) -> None:
    """Reading the event raises no error."""
    deliveries, _ = read_event(event)
    assert deliveries == []


@given(st.dictionaries(st.sampled_from(RECORD_FIELDS), JSON))
def test_a_record_of_any_shape_does_not_affect_the_next(fields: dict[str, Any]) -> None:
    """The record is reported if it has a message id."""
    event = sqs_event(MESSAGE, MESSAGE)
    event["Records"][0] = fields
    deliveries, unreadable = read_event(event)
    assert [delivery.message_id for delivery in deliveries] == ["m1"]
    assert unreadable == ([fields["messageId"]] if isinstance(fields.get("messageId"), str) else [])
