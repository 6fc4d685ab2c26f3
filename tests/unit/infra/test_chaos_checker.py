"""Tests of the checker: it finds each kind of violation, and none in a correct run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from infra.chaos.checker import Findings, check
from infra.chaos.generator import Document, Drink
from infra.chaos.inspection import Change
from infra.chaos.workload import History
from suggester.requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.chaos.generator import Question

MILK = Drink(Request(("milk",)))
CREATED, FINISHED = Change("t", None, "PROCESSING"), Change("t", "PROCESSING", "SUCCESS")


def result(status: str = "SUCCESS", error: str = "") -> dict[str, Any]:
    return {"task_id": "t", "status": status, "error": {"type": error} if error else None}


def history_of(drink: Question = MILK, final: dict[str, Any] | None = None) -> History:
    """The history of one task with this final result, a success by default."""
    history = History(accepted={"t": drink})
    history.first_results["t"] = history.last_results["t"] = result() if final is None else final
    return history


def findings_of(
    history: History, changes: Iterable[Change] = (CREATED, FINISHED), error: str | None = None
) -> Findings:
    return check(history, changes, lambda *_: error)


def test_a_correct_run_has_no_violations() -> None:
    """One task was accepted and succeeded with the correct result."""
    findings = findings_of(history_of())
    assert findings.is_clean
    assert findings.submitted == 1
    assert findings.outcomes == {"SUCCESS": 1}


@pytest.mark.parametrize("results", ["first_results", "last_results"])
def test_a_task_without_a_final_status_is_lost(results: str) -> None:
    """An accepted task must become final, and its result must stay readable."""
    history = history_of()
    getattr(history, results).clear()
    findings = findings_of(history)
    assert len(findings.lost) == 1
    assert not findings.is_clean


def test_a_task_without_a_final_status_is_unfinished_while_messages_are_left() -> None:
    """Its message may be among them, so the run fails, but nothing counts as lost."""
    history = history_of()
    history.last_results.clear()
    findings = check(history, [], lambda *_: None, missing_messages=["body"], messages_left=1)
    assert findings.lost == []
    assert len(findings.unfinished) == 2
    assert not findings.is_clean


def test_a_drink_that_the_api_never_accepted_is_unfinished() -> None:
    """Each of the drinks counts."""
    history = history_of()
    history.unaccepted = 3
    findings = findings_of(history)
    assert (len(findings.unfinished), findings.lost) == (3, [])
    assert not findings.is_clean


def test_two_different_results_of_one_task_are_found() -> None:
    """A final result must not change between two reads."""
    history = history_of()
    history.last_results["t"] = {**result(), "result": "mint"}
    assert findings_of(history).duplicated == ["t returned two different results"]


def test_a_run_in_which_no_document_succeeds_is_wrong() -> None:
    """One or two may be unlucky."""
    history = History()
    for task_id in "tuv":
        assert "no document succeeded" not in findings_of(history, []).wrong
        history.accepted[task_id] = Document((MILK,), "en")
        failed = {**result("FAIL", "max-retries-exceeded"), "task_id": task_id}
        history.first_results[task_id] = history.last_results[task_id] = failed
    assert "no document succeeded" in findings_of(history, []).wrong
    history.first_results["v"] = history.last_results["v"] = {**result(), "task_id": "v"}
    assert findings_of(history, []).wrong == []


@pytest.mark.parametrize(
    "extra", [Change("t", "SUCCESS", "SUCCESS"), Change("t", "SUCCESS", "FAIL"), CREATED]
)
def test_a_write_to_a_final_row_is_found(extra: Change) -> None:
    """The stream shows the write even if no client read the row before it."""
    findings = findings_of(history_of(), [CREATED, FINISHED, extra])
    assert findings.duplicated == ["t was written 3 times"]


def test_a_replay_that_creates_another_task_is_found() -> None:
    """A replay must return the tasks of the original request."""
    history = history_of()
    history.replay_ids.add("other")
    assert findings_of(history).duplicated == ["other was created by a replayed request"]


def test_a_task_whose_id_no_client_received_is_found() -> None:
    """Such a row is a duplicate of another task."""
    orphan = Change("orphan", None, "PROCESSING")
    findings = findings_of(history_of(), [CREATED, FINISHED, orphan])
    assert findings.duplicated == ["orphan was created, but no client received its id"]


def test_a_wrong_result_is_found() -> None:
    """The finding contains the oracle's explanation."""
    assert findings_of(history_of(), error="has the result tea").wrong == ["t has the result tea"]


@pytest.mark.parametrize(
    ("drink", "final", "is_allowed"),
    [
        (MILK, result("FAIL", "prediction-failed"), False),
        (replace(MILK, poisoned=True), result("FAIL", "prediction-failed"), True),
        (replace(MILK, poisoned=True), result(), False),
        (MILK, result("FAIL", "deadline-exceeded"), False),
        (replace(MILK, deadline=2), result("FAIL", "deadline-exceeded"), True),
        (MILK, result("FAIL", "empty-mask"), False),
        (MILK, result("FAIL", "worker-lost"), True),
        (MILK, result("CANCELLED"), False),
    ],
)
def test_a_task_may_fail_only_for_a_known_reason(
    drink: Drink, final: dict[str, Any], *, is_allowed: bool
) -> None:
    """The drink, the client or an injected fault must explain the outcome."""
    findings = findings_of(history_of(drink, final))
    assert findings.is_clean is is_allowed
    assert bool(findings.wrong) is not is_allowed


def test_failures_by_bad_luck_must_be_rare() -> None:
    """Three lost workers in a hundred tasks are too many."""
    history = History(accepted={str(number): MILK for number in range(100)})
    for number in range(3):
        final = {**result("FAIL", "worker-lost"), "task_id": str(number)}
        history.first_results[str(number)] = final
    assert findings_of(history, []).wrong == ["3 tasks failed with errors that must be rare"]


@pytest.mark.parametrize("final", [result("CANCELLED"), result()])
def test_an_unconfirmed_cancel_may_or_may_not_take_effect(final: dict[str, Any]) -> None:
    """The worker may finish the task first."""
    history = history_of(final=final)
    history.cancel_requested.add("t")
    assert findings_of(history).is_clean


def test_a_confirmed_cancel_must_take_effect() -> None:
    """A success after the confirmation is a violation."""
    history = history_of()
    history.cancel_requested.add("t")
    history.cancel_confirmed.add("t")
    assert findings_of(history).wrong == ["t ended as SUCCESS after its cancellation was confirmed"]


def test_unexpected_responses_are_violations() -> None:
    """The finding is the response."""
    history = history_of()
    history.unexpected_responses.append("GET /: 500")
    assert findings_of(history).wrong == ["GET /: 500"]


def test_missing_and_misplaced_messages_are_violations() -> None:
    """Unreadable messages must be preserved, and all other messages must be processed."""
    findings = check(
        history_of(), [], lambda *_: None, missing_messages=["body"], misplaced_messages=2
    )
    assert findings.lost == ["the unreadable message body was not found"]
    assert findings.wrong == ["2 messages were in the wrong queue at the end"]


PROGRESS = Change("t", "PROCESSING", "PROCESSING")


def test_only_a_document_may_report_progress_in_its_row() -> None:
    """Another task is written twice only: when it is created and when it ends."""
    writes = [CREATED, PROGRESS, PROGRESS, FINISHED]
    history = history_of()
    assert findings_of(history, writes).duplicated == ["t was written 4 times"]
    history.accepted["t"] = Document((MILK,))
    assert findings_of(history, writes).is_clean


def test_progress_after_the_end_of_a_document_is_found() -> None:
    history = history_of()
    history.accepted["t"] = Document((MILK,))
    late = Change("t", "SUCCESS", "SUCCESS")
    assert findings_of(history, [CREATED, PROGRESS, FINISHED, late]).duplicated
