"""Rules about webhooks: each final task has its delivery, or a record of why there is none."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from functions.webhooks.bodies import MAX_BODY
from infra.simulation.faults import MAX_SKEW, Fault
from infra.simulation.receivers import BUSY, TIMEOUT
from infra.simulation.rules.delivery_facts import (
    attempts_of,
    deliveries_of,
    is_listing,
    is_restart,
)
from infra.simulation.rules.facts import SLACK, Violation
from infra.simulation.rules.requests import answers_to
from infra.simulation.stack import BUCKET
from infra.simulation.webhooks import presenter
from tasks.aws.items import item_to_task
from tasks.aws.s3 import S3DocumentStore
from tasks.webhooks.delivery import DELAYS, GONE, DeliveryState, Reason
from tasks.webhooks.receivers import host_of
from tasks.webhooks.signing import signed_headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.simulation.events import Posted
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
            if not _was_left(facts, found):
                yield found.violation(found.writes[-1].at, "its delivery was forgotten")
        elif found.state == DeliveryState.DELIVERED:
            if not any(post.reply.is_accepted for post in found.posts):
                yield found.violation(found.writes[-1].at, "its receiver did not accept it")
        elif not found.attempts:
            yield found.violation(found.writes[-1].at, "its delivery failed without an attempt")


def _was_left(facts: Facts, found: DeliveryFacts) -> bool:
    """Whether the last write started it again, in a request that failed and was not repeated."""
    span = facts.span_of(found.writes[-1].actor)
    return span is not None and span.kind == "redeliver" and span.ending != "returned"


def attempts_follow_the_schedule(facts: Facts) -> Iterator[Violation]:
    """A start has six attempts, each after its delay, or fewer if one is accepted or refused."""
    skew = 2 * MAX_SKEW if facts.has(Fault.CLOCK) else 0.0
    for found in deliveries_of(facts):
        if found.row is None:
            continue
        most = len(DELAYS) * (1 + len(found.restarts))
        if found.number - found.first > len(DELAYS) or len(found.attempts) > most:
            yield found.violation(found.writes[-1].at, f"{len(found.attempts)} attempts")
        elif found.state == DeliveryState.FAILED and not _may_fail(found):
            yield found.violation(found.writes[-1].at, f"it failed before attempt {found.number}")
        elif facts.is_calm or found.number - 1 == len(found.posts):  # no crash repeated an attempt
            yield from _misplaced(facts, found, skew)


def _may_fail(found: DeliveryFacts) -> bool:
    last = found.attempts[-1]
    made = found.number - found.first
    if made == len(DELAYS) or last["status"] == GONE or last["reason"] == Reason.RESULT_EXPIRED:
        return True
    return bool(last["at"] + DELAYS[made] >= found.ends_at)


def _misplaced(facts: Facts, found: DeliveryFacts, skew: float) -> Iterator[Violation]:
    if found.restarts or any(each["reason"] == Reason.SENDER_LOST for each in found.attempts):
        return
    times = [found.created_at, *(attempt["at"] for attempt in found.attempts)]
    is_punctual = facts.is_calm and host_of(found.url) != BUSY
    for delay, before, at in zip(DELAYS, times, times[1:], strict=False):
        is_late = is_punctual and at - before > delay + TIMEOUT + IN_CALM
        if is_late or at - before < delay - skew - SLACK:
            yield found.violation(at, f"an attempt came after {at - before:.0f} s, not {delay}")


def gone_receivers_are_left_alone(facts: Facts) -> Iterator[Violation]:
    """A 410 ends the attempts."""
    for found in deliveries_of(facts):
        for write in found.writes:
            attempts = attempts_of(write.after)
            is_refused = bool(attempts) and attempts[-1]["status"] == GONE
            is_attempt = not (is_restart(write) or is_listing(write))
            if is_refused and is_attempt and _state(write.after) != "FAILED":
                yield found.violation(write.at, "attempts follow a 410")


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
    """A delivery that has ended is neither sent nor changed, unless it is started again."""
    for found in deliveries_of(facts):
        for write in found.writes:
            has_ended = write.before is not None and _state(write.before) != "PENDING"
            if has_ended and not is_restart(write) and not is_listing(write):
                yield found.violation(write.at, "its delivery changed after its end")
        rests = list(_rests(found))
        for post in found.posts:
            span = facts.span_of(post.actor)
            if span is not None and any(end < span.started_at < again for end, again in rests):
                yield found.violation(post.at, "it was sent again after the end of its delivery")


def _rests(found: DeliveryFacts) -> Iterator[tuple[float, float]]:
    """Yield from when to when a delivery had ended."""
    for write in found.writes:
        if _state(write.after) != "PENDING":
            starts = (restart.at for restart in found.restarts if restart.at > write.at)
            yield write.at, min(starts, default=math.inf)


def redeliveries_start_again(facts: Facts) -> Iterator[Violation]:
    """A delivery that is started again has another attempt, and is refused only before its end."""
    by_task = {task.task_id: found for found in deliveries_of(facts) for task in found.tasks}
    for event in answers_to(facts, "redeliver"):
        found = by_task[event.task_id]
        if event.answer == "NothingToDeliver":
            if found.ended_at is not None and found.ended_at < event.since:
                yield found.violation(event.at, "a redelivery of its result was refused")
        elif event.answer == DeliveryState.PENDING and not any(
            attempt["at"] >= event.since - 2 * MAX_SKEW for attempt in found.attempts
        ):
            yield found.violation(event.at, "its redelivery made no attempt")


def attempts_under_way_are_listed(facts: Facts) -> Iterator[Violation]:
    """An attempt that is being made when its delivery is started again is listed afterwards."""
    for found in deliveries_of(facts):
        for post in found.posts:
            is_under_way = any(post.at < restart.at < post.until for restart in found.restarts)
            if is_under_way and _is_recorded(facts, post):
                listings = (write for write in found.writes if is_listing(write))
                if not any(write.actor == post.actor for write in listings):
                    yield found.violation(post.until, "its attempt under way was not listed")


def _is_recorded(facts: Facts, post: Posted) -> bool:
    """Whether the function ended well after a request, and the table answered it."""
    span = facts.span_of(post.actor)
    return span is not None and span.ending == "returned" and not span.faults


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
