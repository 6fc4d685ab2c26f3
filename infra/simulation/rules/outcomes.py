"""Rules about outcomes: each has a reason, and a result is the model's own."""

from __future__ import annotations

from collections import defaultdict
from math import isclose
from typing import TYPE_CHECKING, Any, Final

from infra.simulation.model import VERSIONS, contains, is_poisoned, requests_of
from infra.simulation.pollers import CONCURRENCY, MEMORY
from infra.simulation.rules.facts import SLACK, Violation
from infra.simulation.rules.reasons import REASONS
from suggester.errors import SuggesterError
from suggester.groups import PREFIX
from tasks.task import ErrorType, Lane, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.events import Accepted, Span
    from infra.simulation.rules.facts import Facts, TaskFacts
    from suggester.requests import Request

TOLERANCE: Final = 1e-5  # of a probability
ROUNDING: Final = 1e-6  # GB-seconds
BUSY: Final = 0.9  # of the time of all workers


def results_are_right(facts: Facts) -> Iterator[Violation]:
    """A result is from a deployed version of the model, and a drink's is what it answers."""
    for task, accepted in facts.accepted:
        if task.outcome != Status.SUCCESS:
            continue
        if (error := _error_in_result(facts, accepted, task.attribute("result"))) is not None:
            yield Violation(task.task_id, _end(task), error)


def _end(task: TaskFacts) -> float:
    return task.end.at if task.end is not None else 0.0


def _error_in_result(facts: Facts, accepted: Accepted, result: Any) -> str | None:
    if not isinstance(result, dict) or result.get("model") not in VERSIONS:
        return f"the result is {result}"
    if accepted.task.lane is Lane.DOCUMENT:
        return None  # its file has a rule of its own
    requests = requests_of(accepted.submission.input)
    errors = (
        _error_in_answer(facts, result["model"], requests[kind], answer)
        for kind, answer in _answers(result, [*requests]).items()
        if kind in requests
    )
    return next(filter(None, errors), None)


def _answers(result: dict[str, Any], kinds: list[str]) -> dict[str, dict[str, Any]]:
    """Return the answers in a result by kind, without the errors of single kinds."""
    if "parts" not in result:
        return {kinds[0]: result}
    return {kind: part for kind, part in result["parts"].items() if "error" not in part}


def _error_in_answer(
    facts: Facts, model: str, request: Request, result: dict[str, Any]
) -> str | None:
    if is_poisoned(request):
        return "a drink that the model cannot answer was answered"
    try:
        expected = facts.oracle.answer(model, request).to_json()
    except SuggesterError as error:
        return f"it was answered although {error}"
    pairs = zip(result["suggestions"], expected["suggestions"], strict=False)
    agrees = (
        result["added"] == list(expected["added"])
        and len(result["suggestions"]) == len(expected["suggestions"])
        and all(
            found["ingredient"] == right["ingredient"]
            and isclose(found["probability"], right["probability"], rel_tol=0, abs_tol=TOLERANCE)
            for found, right in pairs
        )
    )
    return None if agrees else f"the result is {result['added']}, not {expected['added']}"


def exclusions_hold(facts: Facts) -> Iterator[Violation]:
    """No suggestion is what its drink excludes, or is in a group that it excludes."""
    for task, accepted in facts.accepted:
        result = task.attribute("result")
        if accepted.task.lane is Lane.DOCUMENT or not result:
            continue
        excluded = set(accepted.submission.input.get("exclude", ()))
        answers = _answers(result, [*requests_of(accepted.submission.input)]).values()
        suggested = {
            found["ingredient"] for answer in answers for found in answer.get("suggestions", ())
        }
        members = {
            name
            for name in suggested
            if any(_is_member(result["model"], name, group) for group in excluded)
        }
        if names := sorted((excluded & suggested) | members):
            yield Violation(task.task_id, _end(task), f"it excludes {', '.join(names)}")


def _is_member(version: str, name: str, group: str) -> bool:
    """Whether an ingredient is in a group; without data it is in all of them."""
    groups = contains(version, name)
    is_group = group.startswith(PREFIX)
    return is_group and (groups is None or group.removeprefix(PREFIX) in groups)


def outcomes_have_reasons(facts: Facts) -> Iterator[Violation]:
    """A task fails only for a reason that its history shows."""
    for task, accepted in facts.accepted:
        if task.end is None or task.outcome in (Status.SUCCESS, ErrorType.DEADLINE_EXCEEDED):
            continue
        reason = REASONS.get(task.outcome)
        if reason is None or not reason(facts, task, accepted):
            yield Violation(task.task_id, task.end.at, f"it ended as {task.outcome} for no reason")


def nothing_fails_in_calm(facts: Facts) -> Iterator[Violation]:
    """Without faults a task ends at its first attempt, with its own outcome.

    Only a document may fail at its deadline, and only if others kept the workers busy until then.
    """
    if not facts.is_calm:
        return
    for task, accepted in facts.accepted:
        if accepted.submission.deadline is not None or task.end is None:
            continue
        if task.outcome == ErrorType.DEADLINE_EXCEEDED and _was_crowded_out(facts, accepted):
            continue
        attempts = int((task.end.after or {}).get("attempts", {}).get("N", "0"))
        allowed = (
            Status.SUCCESS,
            Status.CANCELLED,
            ErrorType.PREDICTION_FAILED,
            ErrorType.EMPTY_MASK,
            ErrorType.DOCUMENT_MISSING,
            ErrorType.DOCUMENT_FORBIDDEN,
        )
        if task.outcome not in allowed:
            yield Violation(task.task_id, task.end.at, f"it ended as {task.outcome}")
        elif attempts != (task.outcome != Status.CANCELLED):
            yield Violation(task.task_id, task.end.at, f"it took {attempts} attempts")
        elif (receives := max(event.receives for event in task.messages)) > 1:
            yield Violation(task.task_id, task.end.at, f"a message was received {receives} times")


def _was_crowded_out(facts: Facts, accepted: Accepted) -> bool:
    """Whether the workers for documents had hardly a pause until the task's deadline."""
    if accepted.task.lane is not Lane.DOCUMENT:
        return False
    begin, end = accepted.at, accepted.task.deadline
    busy = sum(
        max(0.0, min(span.ended_at, end) - max(span.started_at, begin))
        for span in facts.invocations("DocumentFunction")
    )
    return busy > BUSY * CONCURRENCY * (end - begin)


def attempts_are_counted(facts: Facts) -> Iterator[Violation]:
    """A worker writes how often it had received the message of the task that it ends."""
    for task, _ in facts.accepted:
        span = facts.span_of(task.end.actor) if task.end is not None else None
        if span is None or span.kind not in ("WorkerFunction", "DocumentFunction"):
            continue
        found = int((task.end.after or {})["attempts"]["N"]) if task.end is not None else 0
        counts = [
            count
            for task_id, count in zip(span.task_ids, span.counts, strict=True)
            if task_id == task.task_id
        ]
        if found not in counts:
            yield Violation(task.task_id, _end(task), f"attempts is {found}, not {counts}")


def receipts_add_up(facts: Facts) -> Iterator[Violation]:
    """The tasks of a batch have equal shares of the time of their worker, and no more."""
    shares: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for task, _ in facts.accepted:
        usage = task.attribute("work")
        span = facts.span_of(task.end.actor) if task.end is not None else None
        if usage is None or span is None:
            continue
        if usage["gb_seconds"] < 0:
            yield Violation(task.task_id, _end(task), f"it used {usage['gb_seconds']} GB-seconds")
        if span.kind == "WorkerFunction":
            shares[span.number].append((task.task_id, usage["gb_seconds"]))
    for number, found in shares.items():
        span = facts.history.spans[number]
        if error := _error_in_shares(span, [share for _, share in found]):
            yield Violation(found[0][0], span.ended_at, error)


def _error_in_shares(span: Span, shares: list[float]) -> str | None:
    """Return what is wrong with the GB-seconds of the tasks that an invocation ended."""
    skew = abs(span.skews[1] - span.skews[0])
    if max(shares) - min(shares) > ROUNDING:
        return f"shares from {min(shares)} to {max(shares)} GB-seconds in one batch"
    most = MEMORY * (span.ended_at - span.started_at + skew)
    worked = max((call.until for call in span.model_calls), default=span.started_at)
    least = MEMORY * (worked - span.started_at - skew) - len(shares) * ROUNDING
    is_whole = len(shares) == len(span.task_ids)
    if sum(shares) > most + SLACK / 100 or (is_whole and sum(shares) < least):
        return f"a batch used {sum(shares)} GB-seconds, not {least} to {most}"
    return None
