import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import MessageUnreadable, TaskFinished
from tasks.messages import TaskMessage
from tasks.task import Outcome, Status, Task
from tests.fakes import NOW

TASK = Task("id", "owner", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400)
FINAL = [status for status in Status if status is not Status.PROCESSING]


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("later", FINAL)
def test_a_final_status_never_changes(status: Status, later: Status) -> None:
    """No outcome changes a task that has ended, not even the same one."""
    ended = TASK.end(Outcome(status, NOW + 1))
    with pytest.raises(TaskFinished):
        ended.end(Outcome(later, NOW + 2))


def test_ending_keeps_what_was_submitted() -> None:
    """An outcome adds to the row and changes nothing of the submission."""
    ended = TASK.end(Outcome(Status.SUCCESS, NOW + 1, NOW + 0.5, {"added": ["sugar"]}, attempts=2))
    assert (ended.task_id, ended.owner, ended.input) == (TASK.task_id, TASK.owner, TASK.input)
    assert (ended.status, ended.result, ended.attempts) == ("SUCCESS", {"added": ["sugar"]}, 2)
    assert (ended.started_at, ended.finished_at) == (NOW + 0.5, NOW + 1)


def test_message_comes_back_as_it_was() -> None:
    """Decoding an encoded message gives an equal one, Cyrillic letters included."""
    message = TaskMessage("id", "owner", {"ingredients": ["молоко"]}, NOW + 900)
    assert TaskMessage.decode(message.encode()) == message


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_is_no_message_is_unreadable(text: str) -> None:
    """Any other text is refused with the one error that stands for it."""
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(text)


@pytest.mark.parametrize("name", ["version", "task_id", "owner", "input", "deadline"])
@pytest.mark.parametrize("value", [None, True, [], "absent"])
def test_a_message_with_a_field_amiss_is_unreadable(name: str, value: object) -> None:
    """A message of which one field is missing or mistyped is refused."""
    body = json.loads(TaskMessage.of(TASK).encode())
    if value == "absent":
        del body[name]
    else:
        body[name] = value
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(json.dumps(body))


def test_a_message_of_a_newer_version_is_unreadable() -> None:
    """What a later version wrote is left for the code that can read it."""
    body = json.loads(TaskMessage.of(TASK).encode()) | {"version": 2}
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(json.dumps(body))
