import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import MessageUnreadable
from tasks.messages import TaskMessage
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
