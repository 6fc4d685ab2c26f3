import pytest

from tasks.errors import TaskFinished
from tasks.task import ErrorType, Outcome, Progress, Status, Task, TaskError, Usage
from tests.fakes import NOW

TASK = Task("id", "owner", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400)
FINAL = [status for status in Status if status is not Status.PROCESSING]


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("later", FINAL)
def test_a_final_status_never_changes(status: Status, later: Status) -> None:
    """A task with a final status accepts no outcome, not even the same one."""
    ended = TASK.end(Outcome(status, NOW + 1))
    with pytest.raises(TaskFinished, match=f"already ended with status {status}"):
        ended.end(Outcome(later, NOW + 2))


def test_an_outcome_leaves_the_submission_unchanged() -> None:
    ended = TASK.end(Outcome(Status.SUCCESS, NOW + 1, NOW + 0.5, {"added": ["sugar"]}, attempts=2))
    assert (ended.task_id, ended.owner, ended.input) == (TASK.task_id, TASK.owner, TASK.input)
    assert (ended.status, ended.result, ended.attempts) == ("SUCCESS", {"added": ["sugar"]}, 2)
    assert (ended.started_at, ended.finished_at) == (NOW + 0.5, NOW + 1)


def test_a_row_of_newer_code_can_be_read() -> None:
    """Fields that are unknown here are left out, and an unknown type of error is kept."""
    error = {"type": "brand-new", "detail": "New.", "retryable": True, "hint": "?"}
    assert TaskError.from_json(error) == TaskError("brand-new", "New.", retryable=True)
    usage = {"batch_size": 3, "engine": "litert", "gb_seconds": 0.5, "watts": 7}
    assert Usage.from_json(usage) == Usage(3, "litert", 0.5)
    progress = {"fraction": 0.5, "lines": 3, "answered": 2, "failed": 1, "pages": 1}
    assert Progress.from_json(progress) == Progress(0.5, 3, 2, 1)


def test_a_type_of_error_that_is_known_is_read_as_such() -> None:
    error = {"type": "worker-lost", "detail": "Lost.", "retryable": True}
    assert TaskError.from_json(error).type is ErrorType.WORKER_LOST
