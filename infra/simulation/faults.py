"""The faults that the nemesis injects, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random


class Fault(StrEnum):
    """A kind of fault, as the report names it."""

    # in an attempt of an AWS call
    THROTTLED = "call throttled"
    FAILED = "call answered with 500"
    FAILED_AFTER = "call answered with 500 after its effect"
    REQUEST_LOST = "request lost"
    UNREACHABLE = "service not reached"
    ANSWER_LOST = "answer lost after the effect"
    CLOSED = "connection closed after the effect"
    LATE = "request that arrived after its timeout"
    CRASH_BEFORE = "crash before a call"
    CRASH_AFTER = "crash after a call"
    UNPROCESSED = "batch processed only in part"
    SLOW_TRANSACTION = "transaction in progress"
    CONFLICT = "transaction in conflict"
    CANCELLED = "transaction cancelled for lack of capacity"
    INVALID = "transaction cancelled as invalid"
    BROKEN_BODY = "connection closed within a file"
    OUTAGE = "call during an outage"
    # in the delivery of a message
    DELAYED = "message delivered late"
    REORDERED = "message delivered out of order"
    REPEATED = "message delivered to two workers"
    RETURNED = "deleted message delivered again"
    UNREADABLE = "unreadable message"
    KEPT = "deletion of a message lost"
    USED_UP = "receives of an attempt used up"
    # in a process
    KILLED = "instance killed"
    CLOCK = "clock set"
    # in the model
    MODEL_FAILS = "model failing for a while"
    MODEL_FORGETS = "model returning too few answers for a while"
    MODEL_SLOW = "model slow for a while"
    MODEL_REPLACED = "model replaced"
    # of the data
    OVERWRITTEN = "document uploaded again"


# The probability of each fault in one attempt of a call.
CALL_RATES: Final[Mapping[Fault, float]] = {
    Fault.THROTTLED: 0.015,
    Fault.FAILED: 0.01,
    Fault.FAILED_AFTER: 0.008,
    Fault.REQUEST_LOST: 0.008,
    Fault.UNREACHABLE: 0.005,
    Fault.ANSWER_LOST: 0.01,
    Fault.CLOSED: 0.008,
    Fault.LATE: 0.01,
    Fault.CRASH_BEFORE: 0.006,
    Fault.CRASH_AFTER: 0.006,
    Fault.UNPROCESSED: 0.02,
    Fault.SLOW_TRANSACTION: 0.02,
    Fault.CONFLICT: 0.01,
    Fault.CANCELLED: 0.01,
    Fault.INVALID: 0.01,
    Fault.BROKEN_BODY: 0.1,
}
# The probability of each fault in one delivery of a message.
DELIVERY_RATES: Final[Mapping[Fault, float]] = {
    Fault.DELAYED: 0.02,
    Fault.REORDERED: 0.3,
    Fault.REPEATED: 0.02,
    Fault.RETURNED: 0.01,
    Fault.KEPT: 0.02,
}
# The mean seconds between two of these faults.
INTERVALS: Final[Mapping[Fault, float]] = {
    Fault.OUTAGE: 600,
    Fault.UNREADABLE: 120,
    Fault.KILLED: 60,
    Fault.CLOCK: 60,
    Fault.MODEL_FAILS: 300,
    Fault.MODEL_FORGETS: 300,
    Fault.MODEL_SLOW: 400,
    Fault.MODEL_REPLACED: 300,
    Fault.OVERWRITTEN: 30,
    Fault.USED_UP: 60,
}
REPEAT: Final = 0.25  # that the next attempt in the same process meets the same fault
LATEST: Final = 60.0  # seconds after which a late request arrives, at most
LONGEST_DELAY: Final = 60.0  # seconds by which a message is late, at most
MAX_SKEW: Final = 10.0  # seconds by which a clock differs, at most
SHARE: Final = 0.7  # of the kinds of faults that a round has
CALM_ROUNDS: Final = 0.1  # share of the rounds without any fault
FRAGILE_ROUNDS: Final = 0.05  # share of the rounds in which processes crash in many calls
FRAGILE: Final = 0.3  # the probability of a crash in a call of such a round


@dataclass(frozen=True, slots=True)
class Profile:
    """The faults of a round: probabilities, and mean intervals in seconds."""

    calls: Mapping[Fault, float] = field(default_factory=dict)
    deliveries: Mapping[Fault, float] = field(default_factory=dict)
    intervals: Mapping[Fault, float] = field(default_factory=dict)

    @classmethod
    def draw(cls, random: Random) -> Profile:
        """Choose some kinds of faults and how often they occur; other rounds have others."""
        if random.random() < CALM_ROUNDS:
            return cls()

        def drawn(rates: Mapping[Fault, float], exponent: int) -> dict[Fault, float]:
            factors = {fault: random.choice((0.3, 1.0, 3.0)) ** exponent for fault in rates}
            chosen = {fault: random.random() < SHARE for fault in rates}
            return {fault: rate * factors[fault] for fault, rate in rates.items() if chosen[fault]}

        calls = drawn(CALL_RATES, 1)
        if random.random() < FRAGILE_ROUNDS:
            calls[Fault.CRASH_BEFORE] = FRAGILE
        return cls(calls, drawn(DELIVERY_RATES, 1), drawn(INTERVALS, -1))
