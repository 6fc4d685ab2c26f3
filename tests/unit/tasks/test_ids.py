import uuid

import pytest

from tasks.ids import new_task_id, submitted_at


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
