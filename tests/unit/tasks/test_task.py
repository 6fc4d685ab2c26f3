import pytest

from tasks.errors import TaskFinished
from tasks.task import Outcome, Status, Task
from tests.fakes import NOW

TASK = Task("id", "owner", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400)
FINAL = [status for status in Status if status is not Status.PROCESSING]


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("later", FINAL)
def test_a_final_status_never_changes(status: Status, later: Status) -> None:
    """A task with a final status accepts no outcome, not even the same one."""
    ended = TASK.end(Outcome(status, NOW + 1))
    with pytest.raises(TaskFinished):
        ended.end(Outcome(later, NOW + 2))


def test_an_outcome_leaves_the_submission_unchanged() -> None:
    ended = TASK.end(Outcome(Status.SUCCESS, NOW + 1, NOW + 0.5, {"added": ["sugar"]}, attempts=2))
    assert (ended.task_id, ended.owner, ended.input) == (TASK.task_id, TASK.owner, TASK.input)
    assert (ended.status, ended.result, ended.attempts) == ("SUCCESS", {"added": ["sugar"]}, 2)
    assert (ended.started_at, ended.finished_at) == (NOW + 0.5, NOW + 1)
