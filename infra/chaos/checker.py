"""Checks a run for tasks that were lost, duplicated or answered wrongly."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from infra.chaos.generator import Document
from tasks.task import ErrorType, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from infra.chaos.generator import Question
    from infra.chaos.inspection import Change
    from infra.chaos.workload import History

    # Returns the error in a result, or None: `Oracle.check`.
    CheckResult = Callable[[Question, dict[str, Any]], str | None]

# Any task may fail with these errors if every attempt meets a fault. Retries must keep them rare.
UNLUCKY_ERRORS: Final = frozenset({ErrorType.MAX_RETRIES_EXCEEDED, ErrorType.WORKER_LOST})
MAX_UNLUCKY_SHARE: Final = 0.02  # of the accepted tasks
MAX_UNLUCKY: Final = 2  # in a short run
# A document meets more faults than a drink: it lasts longer, and calls the model more often.
FEW_DOCUMENTS: Final = 2  # that may all be unlucky


@dataclass(frozen=True, slots=True)
class Findings:
    """The number of tasks by outcome, and one line for each violation.

    Work that was unfinished when nothing had progressed for a long time may be lost or only slow;
    it is counted apart from lost work, and makes the run fail too.
    """

    submitted: int
    outcomes: Counter[str]
    lost: list[str]
    unfinished: list[str]
    duplicated: list[str]
    wrong: list[str]

    @property
    def is_clean(self) -> bool:
        """Whether there was no violation."""
        return not (self.lost or self.unfinished or self.duplicated or self.wrong)


def check(
    history: History,
    changes: Iterable[Change],
    check_result: CheckResult,
    *,
    missing_messages: Collection[str] = (),
    misplaced_messages: int = 0,
    messages_left: int = 0,
) -> Findings:
    """Compare what the clients observed with the table's stream and with the oracle.

    Args:
        history: what the clients observed.
        changes: every write to the rows of tasks, in order.
        check_result: returns the error in a result, or None.
        missing_messages: unreadable messages that were not found in any queue.
        misplaced_messages: how many messages were in the wrong queue at the end.
        messages_left: how many messages the search could not receive. While there are any, a
            missing message or task may still be among them.
    """
    outcomes = Counter(map(_outcome, history.first_results.values()))
    wrong = list(history.unexpected_responses)
    if misplaced_messages:
        wrong.append(f"{misplaced_messages} messages were in the wrong queue at the end")
    wrong += _wrong_results(history, check_result)
    if _has_only_failed_documents(history):
        wrong.append("no document succeeded")
    missing = _unfinished_tasks(history)
    missing += [f"the unreadable message {body} was not found" for body in missing_messages]
    unlucky = sum(outcomes[error] for error in UNLUCKY_ERRORS)
    if unlucky > max(MAX_UNLUCKY, MAX_UNLUCKY_SHARE * len(history.accepted)):
        wrong.append(f"{unlucky} tasks failed with errors that must be rare")
    return Findings(
        submitted=len(history.accepted) + history.unaccepted,
        outcomes=outcomes,
        lost=[] if messages_left else missing,
        unfinished=_unaccepted(history) + (missing if messages_left else []),
        duplicated=_duplicated(history, changes),
        wrong=wrong,
    )


def _outcome(result: dict[str, Any]) -> str:
    return str(result["error"]["type"] if result["error"] else result["status"])


def _unaccepted(history: History) -> list[str]:
    return ["a drink was not accepted before nothing progressed any more"] * history.unaccepted


def _unfinished_tasks(history: History) -> list[str]:
    return [
        f"{task_id} has no final status"
        for task_id in history.accepted
        if task_id not in history.first_results or task_id not in history.last_results
    ]


def _duplicated(history: History, changes: Iterable[Change]) -> list[str]:
    """Describe tasks that changed after their final status, and tasks without a client."""
    found = [
        f"{task_id} returned two different results"
        for task_id, result in history.first_results.items()
        if history.last_results.get(task_id, result) != result
    ]
    found += [f"{task_id} was created by a replayed request" for task_id in history.replay_ids]
    statuses: dict[str, list[str | None]] = defaultdict(list)
    for change in changes:
        if not _is_progress(change, history):
            statuses[change.task_id].append(change.before)
    for task_id, before in statuses.items():
        if before not in ([None], [None, Status.PROCESSING]):
            found.append(f"{task_id} was written {len(before)} times")
        if task_id not in history.accepted and not history.unaccepted:
            found.append(f"{task_id} was created, but no client received its id")
    return found


def _is_progress(change: Change, history: History) -> bool:
    """Whether a worker has only noted how far it is with a document."""
    question = history.accepted.get(change.task_id)
    return isinstance(question, Document) and change.before == change.after == Status.PROCESSING


def _has_only_failed_documents(history: History) -> bool:
    """Whether many documents ended, but none of them with answers that could be checked."""
    outcomes = [
        _outcome(result)
        for task_id, result in history.first_results.items()
        if isinstance(history.accepted[task_id], Document)
    ]
    return len(outcomes) > FEW_DOCUMENTS and Status.SUCCESS not in outcomes


def _wrong_results(history: History, check_result: CheckResult) -> list[str]:
    return [
        f"{task_id} {error}"
        for task_id, result in history.first_results.items()
        if (error := _error(task_id, result, history, check_result))
    ]


def _error(
    task_id: str, result: dict[str, Any], history: History, check_result: CheckResult
) -> str | None:
    """Return the error in the outcome of a task, or None if the outcome is allowed."""
    question = history.accepted[task_id]
    outcome = _outcome(result)
    if task_id in history.cancel_confirmed and outcome != Status.CANCELLED:
        return f"ended as {outcome} after its cancellation was confirmed"
    if outcome == Status.SUCCESS:
        if question.poisoned:
            return "succeeded although it is poisoned"
        return check_result(question, result)
    is_allowed: dict[str, bool] = {
        Status.CANCELLED: task_id in history.cancel_requested,
        ErrorType.PREDICTION_FAILED: question.poisoned,
        ErrorType.DEADLINE_EXCEEDED: question.deadline is not None,
        **dict.fromkeys(UNLUCKY_ERRORS, True),
    }
    return None if is_allowed.get(outcome) else f"ended as {outcome} without a reason"
