import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import MessageUnreadable
from tasks.messages import TaskMessage
from tasks.task import Lane
from tests.fakes import NOW

MESSAGE = TaskMessage("id", "owner", {"ingredients": ["молоко"]}, NOW + 900)


def test_a_decoded_message_equals_the_encoded_one() -> None:
    """Cyrillic letters are preserved."""
    assert TaskMessage.decode(MESSAGE.encode()) == MESSAGE


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_text_that_is_not_a_message_is_unreadable(text: str) -> None:
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(text)


@pytest.mark.parametrize("name", ["version", "task_id", "owner", "input", "deadline"])
@pytest.mark.parametrize("value", [None, True, [], "absent"])
def test_a_message_with_a_missing_or_mistyped_field_is_unreadable(name: str, value: object) -> None:
    body = json.loads(MESSAGE.encode())
    if value == "absent":
        del body[name]
    else:
        body[name] = value
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(json.dumps(body))


def test_a_message_of_a_newer_version_is_unreadable() -> None:
    """Only newer code can process it."""
    body = json.loads(MESSAGE.encode()) | {"version": 2}
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(json.dumps(body))


@pytest.mark.parametrize(
    ("fields", "lane"),
    [({"ingredients": ["milk"]}, Lane.INTERACTIVE), ({"document": "k"}, Lane.DOCUMENT)],
)
def test_a_message_without_a_lane_gets_it_from_its_input(
    fields: dict[str, object], lane: Lane
) -> None:
    """Version 0.1 wrote such messages."""
    body = json.loads(MESSAGE.encode()) | {"input": fields}
    del body["lane"]
    assert TaskMessage.decode(json.dumps(body)).lane is lane


@pytest.mark.parametrize("lane", ["express", None, ["bulk"], {}])
def test_a_message_of_an_unknown_lane_is_unreadable(lane: object) -> None:
    body = json.loads(MESSAGE.encode()) | {"lane": lane}
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(json.dumps(body))
