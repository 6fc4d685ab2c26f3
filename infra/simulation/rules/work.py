"""Rules about invocations and requests: their calls, their time, and how they end."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from functions.worker.progress_report import INTERVAL
from infra.simulation.faults import Fault
from infra.simulation.model import FORGOTTEN, MODEL_KINDS, is_poisoned, requests_of
from infra.simulation.rules.facts import Violation
from tasks.ports import SAFETY_MARGIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.simulation.events import Span
    from infra.simulation.rules.facts import Facts

LATENCY: Final = 0.05  # seconds from a check of the time to the call that follows it
POISON_FAILURES: Final = frozenset({"ModelCrash", "NetworkInvalid"})
REQUESTS: Final = (
    *("read", "wait", "cancel", "retry", "redeliver", "intrude", "batch", "cancel batch", "list"),
)
FUNCTIONS: Final = ("WorkerFunction", "DocumentFunction", "WebhookFunction", "ReaperFunction")


def invocations_end_well(facts: Facts) -> Iterator[Violation]:
    """No message makes an invocation fail: what a stranger sends fails alone."""
    for span in facts.invocations(*FUNCTIONS):
        if span.ending not in ("returned", "died"):
            task_id = next(
                (found for found in span.task_ids if found in facts.history.accepted), ""
            )
            text = f"{span.actor} raised {span.ending} in invocation {span.number}"
            yield Violation(task_id, span.ended_at, text)


def time_suffices(facts: Facts) -> Iterator[Violation]:
    """When time is nearly up, a worker starts nothing and writes no outcome of a drink."""
    for span in facts.invocations("WorkerFunction"):
        latest = span.ends_at - SAFETY_MARGIN + LATENCY
        for call in span.calls:
            if call.method == "update_item" and call.at > latest:
                yield Violation(call.detail, call.at, "its outcome was written too late")
        for model_call in span.model_calls:
            if model_call.at > latest:
                yield Violation("", model_call.at, f"{span.actor} called the model too late")
    for span in facts.invocations(*FUNCTIONS):
        if span.ending == "died" and span.ended_at >= span.ends_at and not _was_held_up(span):
            task_id = span.task_ids[0] if span.task_ids else ""
            yield Violation(task_id, span.ended_at, f"{span.actor} ran out of time for no reason")


def _was_held_up(span: Span) -> bool:
    """Whether an invocation met a fault, or a call of the model that began in time was slow."""
    margin = span.ends_at - SAFETY_MARGIN
    slow = any(call.at <= margin + LATENCY and call.until > margin for call in span.model_calls)
    return bool(span.faults) or (slow and span.kind == "WorkerFunction")


def poison_fails_alone(facts: Facts) -> Iterator[Violation]:
    """Finding k poisoned drinks among n takes at most 2 k log2(n) calls of the model more.

    Without any, there is one call for each kind.
    """
    for span in facts.invocations("WorkerFunction"):
        failures = {call.failure for call in span.model_calls if call.failure}
        if not failures or not failures <= POISON_FAILURES:
            continue
        size = len(span.task_ids)
        bad = sum(_may_fail(facts, task_id) for task_id in span.task_ids)
        kinds = len({call.requests[0].kind for call in span.model_calls if call.requests})
        most = kinds + 2 * bad * math.ceil(math.log2(size))
        if len(span.model_calls) > most:
            text = f"{len(span.model_calls)} calls of the model for {bad} of {size}"
            yield Violation("", span.ended_at, f"{span.actor}: {text}")


def _may_fail(facts: Facts, task_id: str) -> int:
    """Return for how many kinds a drink is poisoned.

    One that no caller sent may fail for two, or may not even reach the model.
    """
    accepted = facts.history.accepted.get(task_id)
    if accepted is None:
        return len(MODEL_KINDS)
    return sum(map(is_poisoned, requests_of(accepted.submission.input).values()))


def failed_batches_are_halved(facts: Facts) -> Iterator[Violation]:
    """A batch that the model cannot answer is divided, and not given up as a whole."""
    for span in facts.invocations("WorkerFunction", "DocumentFunction"):
        calls = [call for call in span.model_calls if call.requests]
        if not calls or span.ending != "returned":
            continue
        last = calls[-1]
        if (
            len(last.requests) > 1
            and last.failure in {*POISON_FAILURES, FORGOTTEN}
            and last.until < span.ends_at - 2 * SAFETY_MARGIN
        ):
            task_id = span.task_ids[0] if span.kind == "DocumentFunction" else ""
            text = f"{span.actor} gave up {len(last.requests)} drinks after {last.failure}"
            yield Violation(task_id, last.until, text)


def calls_are_few(facts: Facts) -> Iterator[Violation]:
    """A task makes only the AWS calls that docs/design.md lists."""
    for span in facts.history.spans:
        if span.faults or Fault.SLOW_TRANSACTION in span.faults:
            continue
        made = Counter(call.method for call in span.calls)
        made.pop("get_queue_attributes", None)
        allowed = _allowance(span, made)
        for method, count in made.items():
            if count > allowed.get(method, 0):
                task_id = span.task_ids[0] if span.task_ids else ""
                text = f"{span.kind} {span.number} made {count} calls of {method}"
                yield Violation(task_id, span.ended_at, text)


def _allowance(span: Span, made: Counter[str]) -> Mapping[str, float]:
    size = max(span.size, len(span.task_ids))
    if span.kind == "submit":
        return _submission(span)
    if span.kind in REQUESTS:
        return _request(span.kind, size, made)
    if span.kind == "DocumentFunction":
        seconds = span.ended_at - span.started_at
        return {
            "get_item": 1,
            "change_message_visibility": 2,
            "get_object": 1 + math.ceil(seconds) + 60,
            "put_object": 1,
            "send_message": 1,
            "update_item": 2 + seconds / INTERVAL,
        }
    if span.kind == "WebhookFunction":
        return {
            "get_item": 5 * size,  # the delivery, the result or the key of its batch, the secrets
            "batch_get_item": size,
            "put_item": 2 * size,
            "send_message": size,
        }
    if span.kind == "ReaperFunction":  # a task or a delivery
        return dict.fromkeys(("update_item", "get_item", "put_item", "send_message"), size)
    outcomes = size - made["change_message_visibility"]
    return {"update_item": outcomes, "change_message_visibility": size}


def _request(kind: str, size: int, made: Counter[str]) -> Mapping[str, float]:
    if kind in ("wait", "list"):
        reads = ("query",) if kind == "list" else ("get_item",)
        return dict.fromkeys((*reads, "batch_get_item", "update_item"), math.inf)
    late = size if sum(made.values()) > 1 else 0  # tasks past their deadline
    one_message = {"send_message": 1}
    allowed: Mapping[str, Mapping[str, float]] = {
        "read": _reads(size, 2) | {"update_item": late},
        "retry": {"get_item": 5, "update_item": 2, "transact_write_items": 1} | one_message,
        "redeliver": _reads(2, 2) | {"get_item": 5, "update_item": 1, "put_item": 1} | one_message,
        "batch": _reads(2, 2) | {"get_item": 1, "update_item": late},
        "cancel batch": _reads(2, 4) | {"get_item": 2, "update_item": 2 * size},
        "cancel": {"get_item": 4, "update_item": 3},
        "intrude": {"get_item": 5, "update_item": 3, "batch_get_item": 1},
    }
    return allowed[kind]


def _submission(span: Span) -> Mapping[str, float]:
    rows: dict[str, float] = {"put_item": 1}
    if span.size > 1:
        rows = {"batch_write_item": math.ceil(span.size / 25), "transact_write_items": 1}
    if span.key:
        replay = _reads(1, 1) if span.ending != "KeyReused" else {}
        rows = {"transact_write_items": 1, **replay, **_reads(span.size, 2)}
        rows["get_item"] = rows.get("get_item", 0) + 1
        rows["update_item"] = span.size
    rows["put_object"] = int(span.has_lines)
    return {**rows, "send_message": 2, "send_message_batch": 2 + span.size // 10}


def _reads(size: int, times: int) -> dict[str, float]:
    return {"get_item": times} if size == 1 else {"batch_get_item": times * math.ceil(size / 100)}
