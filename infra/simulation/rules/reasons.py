"""The reasons why a task, or one kind of it, may fail: what its history must show."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from functions.worker.document_reader import MAX_HAND_OVERS
from functions.worker.settings import DEFAULT_RETRIES
from infra.simulation.model import is_poisoned, requests_of, vocabulary_of
from infra.simulation.stack import template_queues
from suggester.errors import MaskEmpty, SuggesterError
from tasks.document_keys import SCHEME, SUFFIXES
from tasks.task import ErrorType, Lane, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.simulation.events import Accepted, Span
    from infra.simulation.rules.facts import Facts, TaskFacts
    from suggester.requests import Request

    OfTask = Callable[[Facts, TaskFacts, Accepted], bool]
    OfRequest = Callable[[Facts, TaskFacts, Request], bool]

SAFETY: Final = 5.0  # seconds


def _was_cancelled(facts: Facts, task: TaskFacts, _accepted: Accepted) -> bool:
    """Whether its owner had asked for it: a cancelled batch ends no other task."""
    return task.end is not None and facts.cancelled_at.get(task.task_id, math.inf) <= task.end.at


def _cannot_be_answered(_facts: Facts, task: TaskFacts, request: Request) -> bool:
    names = {*request.ingredients, *request.exclude, *(request.only or ())}
    models = {span.model for span in task.spans}
    known = ({*vocabulary_of(model).index, *vocabulary_of(model).groups} for model in models)
    return is_poisoned(request) or any(not names <= ids for ids in known)


def _leaves_nothing(facts: Facts, task: TaskFacts, request: Request) -> bool:
    for model in sorted({span.model for span in task.spans}):
        try:
            facts.oracle.answer(model, request)
        except MaskEmpty:
            return True
        except SuggesterError:
            continue
    return False


def _failed_alone(facts: Facts, task: TaskFacts, request: Request) -> bool:
    """Whether its own last attempt failed, not that of another task of its batch."""
    span = _last_span(facts, task)
    return span is not None and any(
        call.requests == (request,) and call.failure == "OSError" for call in span.model_calls
    )


def _last_span(facts: Facts, task: TaskFacts) -> Span | None:
    """Return the invocation that ended a task, if it was the last attempt."""
    span = facts.span_of(task.end.actor) if task.end is not None else None
    return None if span is None or _receives(task, span) <= DEFAULT_RETRIES else span


def _receives(task: TaskFacts, span: Span) -> int:
    return max(
        count
        for task_id, count in zip(span.task_ids, span.counts, strict=True)
        if task_id == task.task_id
    )


def _of_a_kind(reason: OfRequest) -> OfTask:
    """Return whether one of a task's kinds has this reason."""

    def check(facts: Facts, task: TaskFacts, accepted: Accepted) -> bool:
        if accepted.task.lane is not Lane.DOCUMENT:
            requests = requests_of(accepted.submission.input).values()
            return any(reason(facts, task, request) for request in requests)
        span = _last_span(facts, task)
        failed = span is not None and any(call.failure for call in span.model_calls)
        return reason is _failed_alone and span is not None and (failed or bool(span.faults))

    return check


def _was_lost(_facts: Facts, task: TaskFacts, _accepted: Accepted) -> bool:
    """Whether faults used up all receives of one of its messages.

    An invocation that was still running when the reaper ended the task could not have ended it.
    """
    limit = template_queues()["TaskQueue"]["RedrivePolicy"]["maxReceiveCount"]
    ended_at = task.end.at if task.end is not None else 0.0
    workers = [
        span for span in task.spans if span.kind != "ReaperFunction" and span.ended_at < ended_at
    ]
    received = [event for event in task.messages if event.change == "moved"]
    idle = [span for span in workers if not had_trouble(span)]
    return any(event.receives >= limit for event in received) and not idle


def had_trouble(span: Span) -> bool:
    """Whether an invocation met a fault, or had no time left."""
    return bool(
        span.faults
        or span.ending != "returned"
        or any(call.failure for call in span.model_calls)
        or span.ended_at > span.ends_at - 2 * SAFETY
    )


def _is_missing(_facts: Facts, task: TaskFacts, accepted: Accepted) -> bool:
    """Whether no worker found it. The lines of a request are there before the task."""
    name = accepted.submission.input["document"]
    return not name.endswith(SUFFIXES["jsonl"]) and all(event.key != name for event in task.files)


def _is_forbidden(facts: Facts, task: TaskFacts, accepted: Accepted) -> bool:
    """Whether another bucket did not have it."""
    name = accepted.submission.input["document"]
    return name.startswith(SCHEME) and _is_missing(facts, task, accepted)


def _has_changed(facts: Facts, _task: TaskFacts, accepted: Accepted) -> bool:
    return len(facts.versions[accepted.submission.input["document"]]) > 1


def _was_handed_over_too_often(facts: Facts, task: TaskFacts, _accepted: Accepted) -> bool:
    return any(before + 1 == MAX_HAND_OVERS for _, before in facts.hand_overs(task))


REASONS_OF_KINDS: Final[Mapping[str, OfRequest]] = {
    ErrorType.PREDICTION_FAILED: _cannot_be_answered,
    ErrorType.EMPTY_MASK: _leaves_nothing,
    ErrorType.MAX_RETRIES_EXCEEDED: _failed_alone,
}
REASONS: Final[Mapping[str, OfTask]] = {
    **{error_type: _of_a_kind(reason) for error_type, reason in REASONS_OF_KINDS.items()},
    Status.CANCELLED: _was_cancelled,
    ErrorType.WORKER_LOST: _was_lost,
    ErrorType.DOCUMENT_MISSING: _is_missing,
    ErrorType.DOCUMENT_FORBIDDEN: _is_forbidden,
    ErrorType.DOCUMENT_CHANGED: _has_changed,
    ErrorType.DOCUMENT_TOO_LONG: _was_handed_over_too_often,
}
