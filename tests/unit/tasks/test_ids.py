import uuid

import pytest

from tasks.ids import new_task_id, submitted_at


def test_id_is_a_uuid_of_version_7_that_tells_its_time() -> None:
    """An id is a valid UUIDv7, and its time comes back to the millisecond."""
    task_id = new_task_id(1_790_000_000.1234)
    assert uuid.UUID(task_id).version == 7
    assert uuid.UUID(task_id).variant == uuid.RFC_4122
    assert submitted_at(task_id) == 1_790_000_000.123


def test_ids_of_one_millisecond_differ() -> None:
    """A thousand ids made at the same time are a thousand ids."""
    assert len({new_task_id(1_790_000_000.0) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "task_id",
    [
        "00000000-0000-0000-0000-000000000000",
        "d9428888-122b-11e1-b85c-61cd3cbb3210",
        "milk",
        "",
        "{01a1f935-b859-7ef5-a221-a11b8bc609ad}",
        "01A1F935-B859-7EF5-A221-A11B8BC609AD",
    ],
)
def test_other_ids_have_no_time(task_id: str) -> None:
    """What this module did not make has no time, however like an id it looks."""
    assert submitted_at(task_id) is None
