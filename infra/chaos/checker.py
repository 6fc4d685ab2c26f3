"""Finds the tasks that were lost, answered twice or answered wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tasks.model import ErrorType, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from infra.chaos.generator import Question
    from infra.chaos.inspection import Change
    from infra.chaos.workload import Records

# What bad luck alone may end in: a task whose workers were killed, or whose table or model failed,
# at every attempt. It must stay rare, or the retries do not work.
BAD_LUCK: Final = frozenset({ErrorType.MAX_RETRIES_EXCEEDED, ErrorType.WORKER_LOST})
RARE: Final = 0.02  # of all tasks


@dataclass(frozen=True, slots=True)
class Judgement:
    """How many tasks ended how, and a line for each that should not have ended so."""

    submitted: int
    endings: Counter[str]
    lost: list[str]
    twice: list[str]
    wrong: list[str]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, answered twice or wrong."""
        return not (self.lost or self.twice or self.wrong)


def judge(
    records: Records,
    changes: Iterable[Change],
    objection: Callable[[Question, dict[str, Any]], str | None],
    *,
    missing_letters: Iterable[str] = (),
    left_over: int = 0,
) -> Judgement:
    """Compare what the callers saw with what was written and with what the model says.

    Args:
        records: what the callers saw.
        changes: every write to a task's row, in order.
        objection: says what is wrong with a result, or None.
        missing_letters: messages that nobody could read, and that are gone all the same.
        left_over: how many messages never came to their end.
    """
    endings = Counter(map(_ending, records.first.values()))
    wrong = [*records.surprises, *(f"acknowledged unread: {body}" for body in missing_letters)]
    if left_over:
        wrong.append(f"{left_over} messages never came to their end")
    for task_id, result in records.first.items():
        if reason := _fault(task_id, result, records, objection):
            wrong.append(f"{task_id} {reason}")
    unlucky = sum(endings[error] for error in BAD_LUCK)
    if unlucky > max(1, RARE * len(records.answered)):
        wrong.append(f"{unlucky} tasks failed by what should be rare")
    submitted = len(records.answered) + records.refused
    return Judgement(submitted, endings, _lost(records), _twice(records, list(changes)), wrong)


def _ending(result: dict[str, Any]) -> str:
    return str(result["error"]["type"] if result["error"] else result["status"])


def _lost(records: Records) -> list[str]:
    never_taken = ["a drink that was not taken on in time"] * records.refused
    unfinished = [
        f"{task_id} has no final status"
        for task_id in records.answered
        if task_id not in records.first or task_id not in records.last
    ]
    return never_taken + unfinished


def _twice(records: Records, changes: list[Change]) -> list[str]:
    """Name tasks that changed when they were final, and tasks that nobody was told of."""
    found = [
        f"{task_id} was read with two results"
        for task_id, result in records.first.items()
        if records.last.get(task_id, result) != result
    ]
    found += [f"{task_id} was made by a replayed key" for task_id in records.twice]
    history: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        history[change.task_id].append(change)
    for task_id, writes in history.items():
        if [write.before for write in writes] not in ([None], [None, Status.PROCESSING]):
            found.append(f"{task_id} was written {len(writes)} times")
        if task_id not in records.answered and not records.refused:
            found.append(f"{task_id} was made, and nobody was told of it")
    return found


def _fault(
    task_id: str,
    result: dict[str, Any],
    records: Records,
    objection: Callable[[Question, dict[str, Any]], str | None],
) -> str | None:
    """Say what is wrong with the way in which a task ended, None if nothing is."""
    question = records.answered[task_id]
    ending = _ending(result)
    if task_id in records.confirmed and ending != Status.CANCELLED:
        return f"ended as {ending} after its cancellation was confirmed"
    if ending == Status.SUCCESS:
        return (
            "was answered, though it is poisoned"
            if question.poisoned
            else objection(question, result)
        )
    justified: dict[str, bool] = {
        Status.CANCELLED: task_id in records.cancelled,
        ErrorType.PREDICTION_FAILED: question.poisoned,
        ErrorType.DEADLINE_EXCEEDED: question.deadline is not None,
        **dict.fromkeys(BAD_LUCK, True),
    }
    return None if justified.get(ending) else f"ended as {ending} without a cause"
