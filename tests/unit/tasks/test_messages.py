import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.checkpoint import Checkpoint
from tasks.errors import MessageUnreadable
from tasks.messages import TaskMessage
from tasks.task import Lane
from tests.fakes import NOW

MESSAGE = TaskMessage("id", "owner", {"ingredients": ["молоко"]}, NOW + 900)
CHECKPOINT = Checkpoint(NOW, 4.5, 2_000, 100, 98, 2, (1_000, 2_000), is_read=True)
TRACED = replace(MESSAGE, traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
CONTINUED = replace(MESSAGE, lane=Lane.DOCUMENT, checkpoint=CHECKPOINT)


def changed(**fields: Any) -> str:
    """Return a message with other values in these fields."""
    return json.dumps(json.loads(CONTINUED.encode()) | fields)


@pytest.mark.parametrize("message", [MESSAGE, CONTINUED, TRACED])
def test_a_decoded_message_equals_the_encoded_one(message: TaskMessage) -> None:
    """Cyrillic letters are preserved."""
    assert TaskMessage.decode(message.encode()) == message


def test_a_message_is_compact_json_with_unescaped_letters() -> None:
    """SQS counts its bytes."""
    assert MESSAGE.encode() == (
        '{"version":1,"task_id":"id","owner":"owner","input":{"ingredients":["молоко"]},'
        '"deadline":1790000900.0,"lane":"interactive"}'
    )


def test_a_message_with_half_of_a_character_is_unreadable() -> None:
    """No log and no row can contain it. An escape of a whole character is read."""
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(changed(owner="\ud800"))
    assert TaskMessage.decode(changed(owner="ё")).owner == "ё"


@pytest.mark.parametrize("deadline", [0, 0.5, 1e11])
def test_a_deadline_is_a_time_from_1970_on(deadline: float) -> None:
    assert TaskMessage.decode(changed(deadline=deadline)).deadline == deadline


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
    "fields",
    [
        {"version": 2},
        {"version": None},
        {"newer": 1},
        {"offset": "2000"},
        {"offset": 1.5},
        {"offset": -1},
        {"answered": True},
        {"started_at": None},
        {"started_at": 1e300},
        {"ends": None},
        {"ends": ["2000"]},
        {"is_read": 1},
    ],
    ids=str,
)
def test_a_message_with_progress_of_another_format_is_unreadable(fields: dict[str, Any]) -> None:
    """Newer code can continue the document; this code would lose a part of it."""
    body = json.loads(CONTINUED.encode())
    body["progress"] |= fields
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(json.dumps(body))


def test_a_message_with_a_mistyped_traceparent_is_unreadable() -> None:
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(changed(traceparent=5))


@pytest.mark.parametrize("progress", [[], 5, "", {}, {"version": 1}], ids=str)
def test_a_message_whose_progress_is_incomplete_is_unreadable(progress: object) -> None:
    body = json.loads(CONTINUED.encode()) | {"progress": progress}
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(json.dumps(body))


def test_progress_in_the_input_is_read() -> None:
    """Version 0.1 wrote it there, without a version."""
    body = json.loads(CONTINUED.encode())
    body["input"]["progress"] = body.pop("progress")
    del body["input"]["progress"]["version"]
    assert TaskMessage.decode(json.dumps(body)) == CONTINUED


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


# Python 3.11 and 3.12 give up near 1,000 levels, and Python 3.13 near 10,000.
DEPTHS = [*range(1, 20_000, 499), *range(930, 1_000), *range(9_960, 10_010), 20_000]


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")])
def test_a_message_that_nests_at_any_depth_is_read_or_unreadable(start: str, end: str) -> None:
    for depth in DEPTHS:
        nested = start * depth + '"\\u00e9"' + end * depth
        text = MESSAGE.encode().replace('["молоко"]', nested)
        with suppress(MessageUnreadable):
            assert TaskMessage.decode(text).task_id == "id"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "The body is not JSON."),
        (CONTINUED.encode().replace(str(NOW + 900), "NaN"), "The body is not JSON."),
        ("[]", "The body is not a JSON object."),
        (changed(owner=5), "The field owner is missing or has the wrong type."),
        (changed(version=2), "The message does not have version 1."),
        (changed(deadline=-1), "The deadline is not a time."),
        (changed(deadline=1e11 + 1), "The deadline is not a time."),
        (changed(lane="express"), "The message is in an unknown lane."),
        (changed(progress={"version": 2}), "The progress does not have version 1."),
        (
            changed(progress={"version": 1}),
            "A field of the progress is missing, unknown or wrong.",
        ),
    ],
)
def test_the_error_says_why_a_message_is_unreadable(text: str, reason: str) -> None:
    with pytest.raises(MessageUnreadable) as caught:
        TaskMessage.decode(text)
    assert str(caught.value) == reason


def test_a_document_that_version_0_1_began_has_no_etag() -> None:
    """Version 0.1 wrote the progress into the input, without a version."""
    progress = json.loads(CONTINUED.encode())["progress"]
    old = {name: value for name, value in progress.items() if name not in ("version", "etag")}
    message = TaskMessage.decode(changed(input={"document": "k", "progress": old}))
    assert (message.input, message.checkpoint) == ({"document": "k"}, CHECKPOINT)
    with pytest.raises(MessageUnreadable):
        TaskMessage.decode(changed(input={"document": "k", "progress": 5}))
