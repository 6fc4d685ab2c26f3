"""Rules about webhooks: each final task has its delivery, or a record of why there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from functions.webhooks.bodies import MAX_BODY
from infra.simulation.faults import MAX_SKEW, Fault
from infra.simulation.receivers import BUSY, TIMEOUT
from infra.simulation.rules.delivery_facts import deliveries_of
from infra.simulation.rules.facts import SLACK, Violation
from infra.simulation.stack import BUCKET
from infra.simulation.webhooks import presenter
from tasks.aws.items import item_to_task
from tasks.aws.s3 import S3DocumentStore
from tasks.webhooks.delivery import DELAYS, GONE, LIFETIME, DeliveryState, Reason
from tasks.webhooks.receivers import host_of
from tasks.webhooks.signing import signed_headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.simulation.rules.delivery_facts import DeliveryFacts
    from infra.simulation.rules.facts import Facts
    from presentation.results import ResultPresenter

IN_CALM: Final = 30.0  # seconds by which an attempt is late at most, in a round without faults


def final_tasks_are_delivered(facts: Facts) -> Iterator[Violation]:
    """A final task with a webhook has a delivery, which the receiver accepted, or a failure."""
    for found in deliveries_of(facts):
        if found.ended_at is None:
            continue
        if found.row is None:
            yield found.violation(found.ended_at, "it has no delivery")
        elif found.state == DeliveryState.PENDING:
            yield found.violation(found.writes[-1].at, "its delivery was forgotten")
        elif found.state == DeliveryState.DELIVERED:
            if not any(post.reply.is_accepted for post in found.posts):
                yield found.violation(found.writes[-1].at, "its receiver did not accept it")
        elif not found.attempts:
            yield found.violation(found.writes[-1].at, "its delivery failed without an attempt")


def attempts_follow_the_schedule(facts: Facts) -> Iterator[Violation]:
    """There are six attempts, each after its delay, unless the receiver accepts or refuses one."""
    skew = 2 * MAX_SKEW if facts.has(Fault.CLOCK) else 0.0
    for found in deliveries_of(facts):
        if found.row is None:
            continue
        if found.number > len(DELAYS) + 1 or len(found.attempts) > len(DELAYS):
            yield found.violation(found.writes[-1].at, f"{len(found.attempts)} attempts")
        elif found.state == DeliveryState.FAILED and not _may_fail(found):
            yield found.violation(found.writes[-1].at, f"it failed before attempt {found.number}")
        elif facts.is_calm or found.number - 1 == len(found.attempts) == len(found.posts):
            # no crash repeated an attempt
            yield from _misplaced(facts, found, skew)


def _may_fail(found: DeliveryFacts) -> bool:
    last = found.attempts[-1]
    is_refused = last["status"] == GONE or last["reason"] == Reason.RESULT_EXPIRED
    is_overdue = last["at"] >= found.started_at + LIFETIME
    return is_refused or is_overdue or found.number == len(DELAYS) + 1


def _misplaced(facts: Facts, found: DeliveryFacts, skew: float) -> Iterator[Violation]:
    times = [found.created_at, *(attempt["at"] for attempt in found.attempts)]
    is_punctual = facts.is_calm and host_of(found.url) != BUSY
    for delay, before, at in zip(DELAYS, times, times[1:], strict=False):
        is_late = is_punctual and at - before > delay + TIMEOUT + IN_CALM
        if is_late or at - before < delay - skew - SLACK:
            yield found.violation(at, f"an attempt came after {at - before:.0f} s, not {delay}")


def gone_receivers_are_left_alone(facts: Facts) -> Iterator[Violation]:
    """A 410 ends the attempts."""
    for found in deliveries_of(facts):
        refused = [attempt for attempt in found.attempts if attempt["status"] == GONE]
        is_last = refused == found.attempts[-1:] and found.state == DeliveryState.FAILED
        if refused and not is_last:
            yield found.violation(found.writes[-1].at, "attempts followed a 410")


def deliveries_wait_for_the_end(facts: Facts) -> Iterator[Violation]:
    """A delivery starts when its task, or every task of its batch, has ended; others have none."""
    for found in deliveries_of(facts):
        if not found.writes:
            continue
        at = found.writes[0].at
        if found.ended_at is None or at < found.ended_at:
            yield found.violation(at, "its delivery began before its end")
    for delivery_id, at in deliveries_of(facts).strays:
        yield Violation(delivery_id, at, "it has a delivery of its own, but no webhook of its own")


def ended_deliveries_stay(facts: Facts) -> Iterator[Violation]:
    """A delivery that has ended is neither sent again nor changed."""
    for found in deliveries_of(facts):
        ends = [write for write in found.writes if write.after and _state(write.after) != "PENDING"]
        if not ends:
            continue
        for write in ends[1:]:
            yield found.violation(write.at, "its delivery changed after its end")
        for post in found.posts:
            span = facts.span_of(post.actor)
            if span is not None and span.started_at > ends[0].at:
                yield found.violation(post.at, "it was sent again after the end of its delivery")


def _state(item: Any) -> str:
    state: str = item["state"]["S"]
    return state


def bodies_are_results(facts: Facts) -> Iterator[Violation]:
    """A delivery has the result as the API returns it, signed with a secret of the owner."""
    files = S3DocumentStore(facts.round.stack.new_instance("Checker").s3, BUCKET)
    present = presenter(files)
    for found in deliveries_of(facts):
        if not found.posts:
            continue
        expected = _expected(found, present) if found.ended_at is not None else None
        for post in found.posts:
            body = json.loads(post.body)
            if len(post.body) > MAX_BODY or (_is_link(body) and _size(expected) <= MAX_BODY):
                yield found.violation(post.at, f"its delivery has {len(post.body)} bytes")
            elif not _is_link(body) and body != expected:
                yield found.violation(post.at, "its delivery is not its result")
            elif not _is_signed(post.headers, post.body, deliveries_of(facts).secrets[found.owner]):
                yield found.violation(post.at, "its signature is wrong")
            elif post.url != found.url:
                yield found.violation(post.at, "it was sent to another receiver")


def _is_link(body: Any) -> bool:
    return "url_result" in body


def _size(content: Any) -> int:
    return len(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def _expected(found: DeliveryFacts, present: ResultPresenter) -> Any:
    """Return the JSON of the final rows."""
    tasks = [item_to_task(task.end.after) for task in found.tasks if task.end and task.end.after]
    if found.batch_id:
        content: Any = present.batch(found.batch_id, tasks, "en")
    else:
        content = present.result(tasks[0], "en")
    return json.loads(json.dumps(content))


def _is_signed(headers: Any, body: bytes, secrets: Sequence[str]) -> bool:
    given = set(headers["webhook-signature"].split())
    expected = signed_headers(
        headers["webhook-id"], int(headers["webhook-timestamp"]), body, secrets
    )
    return bool(given) and given <= set(expected["webhook-signature"].split())
