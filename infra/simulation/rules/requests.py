"""Rules about the answers to callers."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from infra.simulation.events import Answered
from infra.simulation.faults import MAX_SKEW, Fault
from infra.simulation.rules.facts import SLACK, Violation, status_of
from tasks.service import RETRIED
from tasks.task import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.rules.facts import Facts, TaskFacts

STATUSES: Final = frozenset(Status)
UNSURE: Final = frozenset({"Unavailable", "ProcessDied"})
DOCUMENTED: Final = frozenset(
    {"returned", "died", "Unavailable", "TaskNotFound", "TaskExpired", "TaskFinished", "KeyReused"}
    | {"DocumentNotFound", "BucketRefused", "RetryRefused", "BatchNotFound", "BatchExpired"}
    | {"NothingToDeliver"}
)
LOST: Final = ("TaskNotFound", "DocumentNotFound", "BucketRefused")
KEPT: Final = ("owner", "priority", "input", "webhook", "metadata")  # fields of a retry
READS: Final = ("read", "wait", "replay", "submit", "batch", "list")
API_KINDS: Final = (
    "submit", "read", "wait", "cancel", "retry", "redeliver", "intrude", "batch", "cancel batch",
    "list",
)  # fmt: skip


def cancels_hold(facts: Facts) -> Iterator[Violation]:
    """A cancel that was answered with 200 holds; one that was refused had a final task."""
    for task, _ in facts.accepted:
        for answer in task.answers:
            if answer.request != "cancel":
                continue
            if answer.answer == Status.CANCELLED and task.outcome != Status.CANCELLED:
                yield Violation(task.task_id, answer.at, f"it was cancelled, but {task.outcome}")
            elif answer.answer == "TaskFinished" and (task.end is None or task.end.at > answer.at):
                yield Violation(task.task_id, answer.at, "a task that was not final was refused")
            elif answer.answer in (Status.SUCCESS, Status.FAIL, Status.PROCESSING):
                yield Violation(task.task_id, answer.at, f"the cancel returned {answer.answer}")


def reads_are_current(facts: Facts) -> Iterator[Violation]:
    """A read returns the row of that moment, and never PROCESSING after the deadline."""
    for task, accepted in facts.accepted:
        for answer in task.answers:
            if answer.request not in READS or answer.answer not in STATUSES:
                continue
            ended = task.end is not None and task.end.at < answer.since
            final = status_of(task.end.after) if task.end is not None else ""
            if answer.answer == Status.PROCESSING:
                if ended and answer.request != "wait":  # which ends early if the table is down
                    yield Violation(task.task_id, answer.at, f"PROCESSING was read after {final}")
                elif (
                    answer.request in ("read", "batch")
                    and answer.since > accepted.task.deadline + MAX_SKEW + SLACK
                ):
                    yield Violation(
                        task.task_id, answer.at, "PROCESSING was read after its deadline"
                    )
            elif answer.answer != final or (task.end is not None and task.end.at > answer.at):
                yield Violation(task.task_id, answer.at, f"{answer.answer} was read, not {final}")


def accepted_tasks_are_found(facts: Facts) -> Iterator[Violation]:
    """Its owner finds an accepted task until it expires, and is then told that it has expired."""
    retention = facts.settings.retention
    for task, accepted in facts.accepted:
        expires = accepted.task.created_at + retention
        for answer in task.answers:
            if answer.request != "read":
                continue
            if answer.answer == "TaskNotFound":
                yield Violation(
                    task.task_id, answer.at, "its owner was told that it does not exist"
                )
            elif answer.answer == "TaskExpired" and answer.at < expires - MAX_SKEW:
                yield Violation(task.task_id, answer.at, "it expired too early")
            elif answer.answer in STATUSES and answer.since > expires + MAX_SKEW:
                yield Violation(task.task_id, answer.at, "it was read after it had expired")


def keys_stand_for_their_tasks(facts: Facts) -> Iterator[Violation]:
    """The same owner, key and body give the same tasks; another body is refused."""
    found: dict[tuple[str, str], dict[tuple[str, float, float], list[str]]] = defaultdict(dict)
    for event in answers_to(facts, "submit", "replay"):
        if event.answer == "KeyReused":
            yield Violation("", event.at, f"the same body with {event.detail[0]} was refused")
        if event.answer in STATUSES and event.detail and event.detail[0]:
            request = (event.request, event.at, event.since)
            ids = found[event.owner, event.detail[0]].setdefault(request, [])
            ids.append(event.task_id)
    owners: dict[str, tuple[str, str]] = {}
    for (owner, key), answers in found.items():
        distinct = list(dict.fromkeys(tuple(ids) for ids in answers.values()))
        if len(distinct) > 1:
            at = max(at for _, at, _ in answers)
            yield Violation(distinct[-1][0], at, f"{key} of {owner} stands for {distinct}")
        for task_id in distinct[0]:
            if owners.setdefault(task_id, (owner, key)) != (owner, key):
                yield Violation(task_id, 0, f"it belongs to {owners[task_id]} and {owner}, {key}")


def retries_are_one_task(facts: Facts) -> Iterator[Violation]:
    """All retries of a task are one task with its input, and only if it failed or was cancelled."""
    found: dict[str, str] = {}
    for event in answers_to(facts, "retry"):
        first = facts.tasks[event.detail]
        outcome = status_of(first.end.after) if first.end is not None else ""
        if event.answer == "RetryRefused":
            if outcome in RETRIED and first.end is not None and first.end.at < event.since:
                yield Violation(event.detail, event.at, f"a retry of {outcome} was refused")
        elif event.answer in STATUSES:
            if outcome not in RETRIED:
                yield Violation(event.detail, event.at, f"it was retried, but {outcome or 'runs'}")
            if found.setdefault(event.detail, event.task_id) != event.task_id:
                text = f"its retries are {found[event.detail]} and {event.task_id}"
                yield Violation(event.detail, event.at, text)
            yield from _differences(first, facts.tasks[event.task_id], event.at)


def _differences(first: TaskFacts, again: TaskFacts, at: float) -> Iterator[Violation]:
    one, other = (task.writes[0].after or {} for task in (first, again))
    changed = [name for name in KEPT if one.get(name) != other.get(name)]
    if changed:
        yield Violation(again.task_id, at, f"{', '.join(changed)} differ from {first.task_id}")


def other_bodies_are_refused(facts: Facts) -> Iterator[Violation]:
    """An idempotency key is bound to one body."""
    allowed = {"KeyReused", "TransactionCanceledException", *UNSURE}
    for event in answers_to(facts, "other body"):
        if event.answer not in allowed:
            yield Violation(event.task_id, event.at, f"another body was answered: {event.answer}")


def strangers_see_nothing(facts: Facts) -> Iterator[Violation]:
    """No owner sees, cancels or processes what belongs to someone else."""
    allowed = {"TaskNotFound", "DocumentNotFound", "BucketRefused", "TaskExpired", *UNSURE}
    allowed |= {"BatchNotFound", "BatchExpired"}
    for event in answers_to(facts, "intrude"):
        if event.answer not in allowed:
            yield Violation(event.task_id, event.at, f"a stranger was told {event.answer}")
    for task, accepted in facts.accepted:
        for sent in task.messages:
            if sent.change == "sent" and sent.detail != accepted.task.owner:
                yield Violation(
                    task.task_id, sent.at, f"its message is in the group of {sent.detail!r}"
                )


def answers_are_documented(facts: Facts) -> Iterator[Violation]:
    """A request ends with an answer or an error of its own, and is refused only for a reason."""
    conflicts = facts.has(Fault.SLOW_TRANSACTION)
    for span in facts.history.spans:
        if span.kind not in API_KINDS:
            continue
        is_invalid = Fault.INVALID in span.faults
        is_lost = span.kind == "submit" and span.ending in LOST
        if is_lost or (span.ending not in DOCUMENTED and not is_invalid):
            yield Violation("", span.ended_at, f"{span.kind} {span.number} raised {span.ending}")
        elif span.ending == "Unavailable" and not (
            span.faults or conflicts or span.kind == "redeliver"  # an attempt was made meanwhile
        ):
            yield Violation("", span.ended_at, f"{span.kind} {span.number} was refused")
        elif span.ending == "Unavailable" and set(span.faults) == {Fault.INVALID}:
            text = f"{span.kind} {span.number} invites to repeat what can never succeed"
            yield Violation("", span.ended_at, text)


def estimates_are_useful(facts: Facts) -> Iterator[Violation]:
    """A Retry-After is at least a second, and at most the time until the deadline."""
    for task, accepted in facts.accepted:
        for answer in task.answers:
            if answer.request == "retry-after":
                longest = max(1.0, accepted.task.deadline + MAX_SKEW + SLACK - answer.at)
                if not 1 <= int(answer.answer) <= longest:
                    yield Violation(task.task_id, answer.at, f"Retry-After is {answer.answer}")


def answers_to(facts: Facts, *requests: str) -> Iterator[Answered]:
    """Yield the answers to these kinds of requests."""
    for event in facts.history.events:
        if isinstance(event, Answered) and event.request in requests:
            yield event
