import uuid

import pytest

from tasks.ids import ids_of_array, new_task_id, submitted_at


def test_a_task_id_is_a_uuid_version_7_with_its_submission_time() -> None:
    """The time has a precision of one millisecond."""
    task_id = new_task_id(1_790_000_000.1234)
    assert uuid.UUID(task_id).version == 7
    assert uuid.UUID(task_id).variant == uuid.RFC_4122
    assert submitted_at(task_id) == 1_790_000_000.123


def test_a_task_id_has_all_random_bits_of_a_uuid_version_7() -> None:
    """The time, the random bits and the id are the example of RFC 9562, appendix A.6."""
    random = 0xCC3 << 68 | 0x18C4DC0C0C07398F
    task_id = new_task_id(1_645_557_742.0, random.to_bytes)
    assert task_id == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_task_id(1_790_000_000.0) for _ in range(1000)}) == 1000


def test_the_ids_of_an_array_follow_from_the_first_of_them() -> None:
    ids = ids_of_array(new_task_id(1_790_000_000.123), 100)
    assert ids_of_array(ids[0], 100) == ids
    assert len(set(ids)) == 100
    assert {submitted_at(task_id) for task_id in ids} == {1_790_000_000.123}


def test_the_ids_of_an_array_are_in_its_order() -> None:
    """A list of tasks by id then shows an array as it was sent."""
    ids = ids_of_array(new_task_id(1_790_000_000.0), 100)
    assert ids == sorted(ids)


def test_the_ids_of_arrays_of_different_lengths_differ() -> None:
    """No one can name a part of a batch."""
    first = new_task_id(1_790_000_000.0)
    assert set(ids_of_array(first, 3)[1:]).isdisjoint(ids_of_array(first, 4))


def test_the_ids_of_an_array_never_change() -> None:
    """Batches that were submitted before a deployment are found after it."""
    assert ids_of_array("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 3) == [
        "017f22e2-79b0-7000-98c4-dc0c0c07398f",
        "017f22e2-79b0-7001-b710-eb0760261423",
        "017f22e2-79b0-7002-a642-406e76f75261",
    ]


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
def test_an_id_in_any_other_form_has_no_submission_time(task_id: str) -> None:
    """Other UUID versions, braces and capital letters are other forms."""
    assert submitted_at(task_id) is None
