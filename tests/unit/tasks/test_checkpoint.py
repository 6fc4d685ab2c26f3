import pytest

from tasks.checkpoint import MOST, Checkpoint
from tasks.task import Progress
from tests.fakes import NOW


@pytest.mark.parametrize(
    ("size", "fraction"), [(400, 0.25), (100, 1.0), (50, 1.0), (1, 1.0), (0, 1.0)]
)
def test_progress_is_a_share_of_the_file_although_the_file_shrank(
    size: int, fraction: float
) -> None:
    """An empty file has been read."""
    checkpoint = Checkpoint(NOW, offset=100, answered=7, failed=1)
    assert checkpoint.progress(size) == Progress(fraction, 8, 7, 1)


def test_a_checkpoint_may_have_the_largest_numbers() -> None:
    checkpoint = Checkpoint(MOST, MOST, int(MOST), ends=(int(MOST),))
    assert Checkpoint.from_json(checkpoint.to_json() | {"ends": [int(MOST)]}) == checkpoint
