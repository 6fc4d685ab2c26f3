"""Rules about tasks with several kinds; the answers in their parts have rules in `outcomes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.worker.settings import DEFAULT_RETRIES
from infra.simulation.model import requests_of
from infra.simulation.rules.facts import Violation
from infra.simulation.rules.reasons import REASONS_OF_KINDS
from tasks.task import Lane, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.events import Span
    from infra.simulation.rules.facts import Facts, TaskFacts
    from suggester.requests import Request

    Found = tuple[TaskFacts, dict[str, Request]]


def _with_several_kinds(facts: Facts) -> Iterator[Found]:
    """Yield each accepted task with several kinds, and its requests by kind."""
    for task, accepted in facts.accepted:
        if accepted.task.lane is not Lane.DOCUMENT:
            requests = requests_of(accepted.submission.input)
            if len(requests) > 1:
                yield task, requests


def parts_are_whole(facts: Facts) -> Iterator[Violation]:
    """A result has a part for each kind, with an answer or an error, and one answer at least."""
    for task, requests in _with_several_kinds(facts):
        if task.outcome != Status.SUCCESS or task.end is None:
            continue
        parts: dict[str, Any] = task.attribute("result").get("parts", {})
        if list(parts) != list(requests):
            yield Violation(task.task_id, task.end.at, f"it has the parts {', '.join(parts)}")
        for kind, part in parts.items():
            if ("error" in part) == ("suggestions" in part):
                yield Violation(task.task_id, task.end.at, f"the part {kind} is {part}")
        if all("error" in part for part in parts.values()):
            yield Violation(task.task_id, task.end.at, "it succeeded without an answer")


def failed_parts_have_reasons(facts: Facts) -> Iterator[Violation]:
    """A kind fails beside others only for a reason that its history shows."""
    for task, requests in _with_several_kinds(facts):
        if task.outcome != Status.SUCCESS or task.end is None:
            continue
        for kind, part in task.attribute("result").get("parts", {}).items():
            if "error" not in part or kind not in requests:
                continue
            reason = REASONS_OF_KINDS.get(part["error"]["type"])
            if reason is None or not reason(facts, task, requests[kind]):
                text = f"{kind} failed as {part['error']['type']} for no reason"
                yield Violation(task.task_id, task.end.at, text)


def one_kind_fails_no_other(facts: Facts) -> Iterator[Violation]:
    """A worker ends a task as failed only if none of its kinds has an answer."""
    for task, requests in _with_several_kinds(facts):
        if task.outcome not in REASONS_OF_KINDS or task.end is None:
            continue
        for kind, request in requests.items():
            if not any(reason(facts, task, request) for reason in REASONS_OF_KINDS.values()):
                yield Violation(
                    task.task_id, task.end.at, f"it failed as {task.outcome}, and not for {kind}"
                )


def kinds_are_retried_together(facts: Facts) -> Iterator[Violation]:
    """While a kind fails for a transient reason and has attempts left, its task does not end."""
    for task, requests in _with_several_kinds(facts):
        span = facts.span_of(task.end.actor) if task.end is not None else None
        if span is None or span.kind != "WorkerFunction":
            continue
        is_answer = task.outcome == Status.SUCCESS or task.outcome in REASONS_OF_KINDS
        counts = dict(zip(span.task_ids, span.counts, strict=True))
        if not is_answer or counts[task.task_id] > DEFAULT_RETRIES:
            continue
        for kind, request in requests.items():
            if _cannot_be_read(span, request):
                yield Violation(
                    task.task_id, span.ended_at, f"it ended although {kind} is to be retried"
                )


def _cannot_be_read(span: Span, request: Request) -> bool:
    """Whether every call with a request failed for a transient reason."""
    failures = [call.failure for call in span.model_calls if request in call.requests]
    return bool(failures) and all(failure == "OSError" for failure in failures)
