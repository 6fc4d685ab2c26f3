"""The delivery of a result to a receiver: its row, and how its attempts change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tasks.task import JsonObject

DELAYS: Final = (0, 5, 60, 600, 3_600, 21_600)  # seconds before each attempt
LIFETIME: Final = 86_400.0  # seconds from the start of the attempts to the last possible one
MAX_ATTEMPTS: Final = 60  # and starts, after which a delivery is not started again
GONE: Final = 410  # the receiver wants no more deliveries


def delivery_id_of(task_id: str, batch_id: str | None, created_at: float) -> str:
    """Return the id of the delivery of a task, or of its batch if it has one.

    A batch has the id of an earlier one if its idempotency key was used before, so the time of its
    submission is a part. The id is the `webhook-id`, which must contain no full stop.
    """
    return task_id if batch_id is None else f"{batch_id}_{int(created_at)}"


class DeliveryState(StrEnum):
    """The state of a delivery. A caller can start one again that is DELIVERED or FAILED."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class Reason(StrEnum):
    """Why an attempt ended without a status of the receiver."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    NOT_HTTP = "not-http"
    ADDRESS_REFUSED = "address-refused"
    NAME_UNKNOWN = "name-unknown"
    RECEIVER_BUSY = "receiver-busy"
    RESULT_EXPIRED = "result-expired"
    SENDER_LOST = "sender-lost"


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of one request to a receiver: the status of its answer, or why there is none."""

    status: int | None = None
    reason: Reason | str | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver accepted the delivery."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004

    @property
    def is_final(self) -> bool:
        """Whether no further attempt can succeed."""
        return self.status == GONE or self.reason in (Reason.RECEIVER_BUSY, Reason.RESULT_EXPIRED)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt of a delivery. `at` is in seconds since the epoch."""

    at: float
    reply: Reply

    def to_json(self) -> JsonObject:
        """Return the attempt as a JSON object."""
        return {"at": self.at, "status": self.reply.status, "reason": self.reply.reason}

    @classmethod
    def from_json(cls, members: JsonObject) -> Attempt:
        """Read an attempt from a row."""
        return cls(members["at"], Reply(members["status"], members["reason"]))


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """A row of the table. Times are in seconds since the epoch.

    Attributes:
        delivery_id: the id of the delivery, see `delivery_id_of`; the receiver gets it, too.
        owner: the owner of the task or batch.
        url: the receiver.
        created_at: when the row was made.
        expires_at: when the table deletes the row: together with its task.
        started_at: when the attempts began, or were started again.
        state: whether further attempts follow.
        attempts: all attempts, in the order in which they began.
        number: the number of the next attempt, counted from 1.
        first: the number of the first attempt since `started_at`.
        version: counts the writes: the first one, each attempt and each further start.
        batch_id: the batch whose end is delivered, or None for a task.
        traceparent: the trace of the submission (W3C Trace Context).
    """

    delivery_id: str
    owner: str
    url: str
    created_at: float
    expires_at: float
    started_at: float
    state: DeliveryState = DeliveryState.PENDING
    attempts: tuple[Attempt, ...] = ()
    number: int = 1
    first: int = 1
    version: int = 1
    batch_id: str | None = None
    traceparent: str | None = None

    def awaits(self, number: int) -> bool:
        """Whether the attempt with this number is still to be made."""
        return self.state is DeliveryState.PENDING and number >= self.number

    @property
    def ends_at(self) -> float:
        """From when on there is no other attempt: a day after the start, or without a result."""
        return min(self.started_at + LIFETIME, self.expires_at)

    @property
    def delay(self) -> int:
        """The seconds between the last attempt and the next one."""
        return DELAYS[self.number - self.first]

    def after(self, number: int, attempt: Attempt) -> WebhookDelivery:
        """Return the delivery after the attempt with this number, which may be the last one."""
        updated = replace(
            self,
            attempts=(*self.attempts, attempt),
            number=number + 1,
            version=self.version + 1,
        )
        if attempt.reply.is_accepted:
            return replace(updated, state=DeliveryState.DELIVERED)
        is_last = attempt.reply.is_final or updated.number - self.first >= len(DELAYS)
        if is_last or attempt.at + updated.delay >= self.ends_at:
            return replace(updated, state=DeliveryState.FAILED)
        return updated

    def with_earlier(self, attempt: Attempt) -> WebhookDelivery:
        """Return the delivery with an attempt of an earlier start, which is only listed."""
        attempts = sorted((*self.attempts, attempt), key=lambda each: each.at)
        return replace(self, attempts=tuple(attempts), version=self.version + 1)

    def merged(self, refused: WebhookDelivery) -> WebhookDelivery | None:
        """Return this row with the last attempt of one that was refused, because this one changed.

        Returns None if the attempt is in this row, or another one with its number.
        """
        attempt, number = refused.attempts[-1], refused.number - 1
        if attempt in self.attempts:  # the answer to the first try was lost
            return None
        if self.started_at != refused.started_at:
            return self.with_earlier(attempt)
        return self.after(number, attempt) if self.awaits(number) else None

    def restarted(self, now: float) -> WebhookDelivery:
        """Return the delivery with all attempts still to be made; the earlier ones stay listed."""
        return replace(
            self,
            state=DeliveryState.PENDING,
            started_at=now,
            first=self.number,
            version=self.version + 1,
        )
