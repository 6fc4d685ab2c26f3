"""A request for a task, and how its repetition is recognised."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tasks.task import Lane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.task import JsonObject

KEY_PREFIX: Final = "key#"  # of the ids of records of keys


@dataclass(frozen=True, slots=True)
class Submission:
    """A request for one task.

    Attributes:
        input: the input of the task.
        lane: the queue in which the task waits.
        deadline: in seconds from now; None for the default of the deployment.
        sent: what the caller sent, in a normal form, by which a repetition is recognised although
            the deployment now understands it in another way; None if only the meaning counts.
        webhook: the URL that is called when the task ends, or None.
        metadata: pairs of the owner's own, which the result repeats.
        traceparent: the caller's position in a trace (W3C Trace Context), or None. A repetition
            with an idempotency key may have another one.
    """

    input: JsonObject
    lane: Lane = Lane.INTERACTIVE
    deadline: int | None = None
    sent: JsonObject | None = None
    webhook: str | None = None
    metadata: dict[str, str] | None = None
    traceparent: str | None = None


def record_id_of(owner: str, key: str) -> str:
    """Return the id of the record of an owner's idempotency key."""
    return KEY_PREFIX + _digest([owner, key])


def fingerprint_of(submissions: Sequence[Submission]) -> str:
    """Return a digest of what the submissions mean, and one of what was sent, if that is known."""
    meaning = [_meaning(submission) for submission in submissions]
    sent = [submission.sent for submission in submissions if submission.sent is not None]
    digests = [_digest(meaning)]
    if len(sent) == len(submissions):
        digests.append(digest_of_sent(sent))
    return " ".join(digests)


def _meaning(submission: Submission) -> JsonObject:
    meaning: JsonObject = {
        "input": submission.input,
        "lane": submission.lane,
        "deadline": submission.deadline,
    }
    # Earlier versions did not have these, and their fingerprints stay valid.
    added = {"webhook": submission.webhook, "metadata": submission.metadata}
    return meaning | {name: value for name, value in added.items() if value is not None}


def digest_of_sent(sent: Sequence[JsonObject]) -> str:
    """Return a digest of what was sent, in a normal form."""
    return _digest({"sent": sent})


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
