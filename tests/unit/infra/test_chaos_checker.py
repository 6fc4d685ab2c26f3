"""The judge finds each way in which a task can go astray, and nothing in a run without any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from infra.chaos.checker import Judgement, judge
from infra.chaos.generator import Question
from infra.chaos.inspection import Change
from infra.chaos.workload import Records
from suggester.requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

PLAIN = Question(Request(("milk",)))
MADE, DONE = Change("t", None, "PROCESSING"), Change("t", "PROCESSING", "SUCCESS")


def result(status: str = "SUCCESS", error: str = "") -> dict[str, Any]:
    return {"task_id": "t", "status": status, "error": {"type": error} if error else None}


def records(question: Question = PLAIN, ended: dict[str, Any] | None = None) -> Records:
    """What callers saw of one task that ended so, as success by default."""
    seen = Records(answered={"t": question})
    seen.first["t"] = seen.last["t"] = result() if ended is None else ended
    return seen


def judged(
    seen: Records, changes: Iterable[Change] = (MADE, DONE), objection: str | None = None
) -> Judgement:
    return judge(seen, changes, lambda *_: objection)


def test_a_task_that_came_through_is_clean() -> None:
    """One task, taken on and answered once and rightly, leaves nothing to say."""
    judgement = judged(records())
    assert judgement.is_clean
    assert judgement.submitted == 1
    assert judgement.endings == {"SUCCESS": 1}


@pytest.mark.parametrize("view", ["first", "last"])
def test_a_task_without_an_end_is_lost(view: str) -> None:
    """A task that was answered with 202 must be final, and stay known."""
    seen = records()
    getattr(seen, view).clear()
    judgement = judged(seen)
    assert len(judgement.lost) == 1
    assert not judgement.is_clean


def test_a_drink_that_was_never_taken_on_is_lost() -> None:
    """A caller that gave up counts as much as a task that vanished."""
    seen = records()
    seen.refused = 3
    assert len(judged(seen).lost) == 3


def test_two_results_are_one_too_many() -> None:
    """A final result reads the same for ever."""
    seen = records()
    seen.last["t"] = {**result(), "result": "mint"}
    assert judged(seen).twice == ["t was read with two results"]


@pytest.mark.parametrize(
    "more",
    [Change("t", "SUCCESS", "SUCCESS"), Change("t", "SUCCESS", "FAIL"), MADE],
)
def test_a_write_to_a_final_row_is_found(more: Change) -> None:
    """The table is asked, too: a caller may have read after the second write only."""
    assert judged(records(), [MADE, DONE, more]).twice == ["t was written 3 times"]


def test_a_key_that_gives_two_tasks_is_found() -> None:
    """A replay must give the tasks that the key stands for."""
    seen = records()
    seen.twice.add("other")
    assert len(judged(seen).twice) == 1


def test_a_task_that_nobody_was_told_of_is_found() -> None:
    """A row beside those that were answered is a drink that is made twice."""
    orphan = Change("orphan", None, "PROCESSING")
    assert judged(records(), [MADE, DONE, orphan]).twice == [
        "orphan was made, and nobody was told of it"
    ]


def test_a_wrong_answer_is_found() -> None:
    """What the model objects to is wrong."""
    assert judged(records(), objection="answered tea").wrong == ["t answered tea"]


@pytest.mark.parametrize(
    ("question", "ended", "is_right"),
    [
        (PLAIN, result("FAIL", "prediction-failed"), False),
        (replace(PLAIN, poisoned=True), result("FAIL", "prediction-failed"), True),
        (replace(PLAIN, poisoned=True), result(), False),
        (PLAIN, result("FAIL", "deadline-exceeded"), False),
        (replace(PLAIN, deadline=2), result("FAIL", "deadline-exceeded"), True),
        (PLAIN, result("FAIL", "empty-mask"), False),
        (PLAIN, result("FAIL", "worker-lost"), True),
        (PLAIN, result("CANCELLED"), False),
    ],
)
def test_an_end_needs_a_cause(question: Question, ended: dict[str, Any], *, is_right: bool) -> None:
    """A task may fail only by what was done to it."""
    judgement = judged(records(question, ended))
    assert judgement.is_clean is is_right
    assert bool(judgement.wrong) is not is_right


def test_bad_luck_must_be_rare() -> None:
    """Retries that all fail for many tasks are no chance."""
    seen = Records(answered={str(number): PLAIN for number in range(100)})
    for number in range(3):
        seen.first[str(number)] = {**result("FAIL", "worker-lost"), "task_id": str(number)}
    assert judged(seen, []).wrong == ["3 tasks failed by what should be rare"]


def test_a_cancel_holds() -> None:
    """A task may end as cancelled if its caller asked, and must if that was confirmed."""
    seen = records(ended=result("CANCELLED"))
    seen.cancelled.add("t")
    assert judged(seen).is_clean
    seen = records()
    seen.cancelled.add("t")
    assert judged(seen).is_clean
    seen.confirmed.add("t")
    assert len(judged(seen).wrong) == 1


def test_what_else_must_not_happen() -> None:
    """Answers that callers should never see, messages that are gone unread or left over."""
    seen = records()
    seen.surprises.append("GET /: 500")
    judgement = judge(seen, [], lambda *_: None, missing_letters=["letter"], left_over=2)
    assert judgement.wrong == [
        "GET /: 500",
        "acknowledged unread: letter",
        "2 messages never came to their end",
    ]
